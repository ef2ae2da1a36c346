"""Calls in threads of their own, which the end of the process does not wait for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, TypeVar

from litellm_discover.errors import DeadlineError, DiscoverError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

# Windows does not interrupt a wait for Ctrl-C.
_SLICE_SECONDS = 0.1


def side_by_side(calls: Sequence[Callable[[], T]]) -> list[T | DiscoverError]:
    """What each call returns, or the expected failure that it raises, in their order. Raises any other error.

    A deadline is the business of the call itself.
    """
    futures: list[Future[T | DiscoverError]] = [_started(call) for call in calls]
    while wait(futures, _SLICE_SECONDS).not_done:
        pass
    return [future.result() for future in futures]


def at_most(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises. Raises DeadlineError when it does neither in time, and leaves it behind."""
    late = DeadlineError(
        "the time was up before everything was done",
        hint="A file that blocks or an overloaded machine can be the cause; give it longer with timeout.",
    )
    result = within(seconds, _started(call), late)
    if isinstance(result, DiscoverError):
        raise result
    return result


def within(seconds: float, future: Future[T], late: DeadlineError) -> T:
    """What comes of a future, or is raised there. Raises ``late`` when that takes longer, and leaves it behind."""
    until = time.monotonic() + seconds
    while not future.done():
        left = until - time.monotonic()
        if left <= 0:
            raise late
        wait([future], min(left, _SLICE_SECONDS))
    return future.result()


def _started(call: Callable[[], T]) -> Future[T | DiscoverError]:
    future: Future[T | DiscoverError] = Future()
    threading.Thread(target=_run, args=(call, future), daemon=True).start()
    return future


def _run(call: Callable[[], T], future: Future[T | DiscoverError]) -> None:
    try:
        future.set_result(call())
    except DiscoverError as error:
        future.set_result(error)
    except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
        future.set_exception(error)
