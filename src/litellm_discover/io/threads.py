"""Several things at the same time, each of which ends by itself."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, TypeVar

from litellm_discover.errors import DiscoverError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

# Windows does not interrupt a wait for Ctrl-C.
_SLICE_SECONDS = 0.1


def side_by_side(calls: Sequence[Callable[[], T]]) -> list[T | DiscoverError]:
    """What each call returns, or the expected failure that it raises, in their order. Raises any other error.

    Each has a thread of its own, which the end of the process does not wait for: a deadline is the business of the
    call itself.
    """
    futures: list[Future[T | DiscoverError]] = [Future() for _ in calls]
    for call, future in zip(calls, futures, strict=True):
        threading.Thread(target=_run, args=(call, future), daemon=True).start()
    while wait(futures, _SLICE_SECONDS).not_done:
        pass
    return [future.result() for future in futures]


def _run(call: Callable[[], T], future: Future[T | DiscoverError]) -> None:
    try:
        future.set_result(call())
    except DiscoverError as error:
        future.set_result(error)
    except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
        future.set_exception(error)
