"""Runs what is asynchronous, and does not wait for it longer than its time."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

import anyio

from litellm_discover.errors import DeadlineError
from litellm_discover.io.threads import within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litellm_discover.io.deadline import Deadline

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

# What notices the deadline by itself gets this much longer to say what was late, or to make do with what it has.
_GRACE_SECONDS = 0.5


def run_within(deadline: Deadline, function: Callable[[*Arguments], Awaitable[T]], *arguments: *Arguments) -> T:
    """What the asynchronous function returns or raises. Raises DeadlineError when it does neither in time.

    It runs in a thread that is left behind then: neither a resolver's thread, which an event loop joins at its end, nor
    a call that blocks the loop can hold the run.
    """
    future: Future[T] = Future()

    async def call() -> None:
        try:
            future.set_result(await function(*arguments))
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            future.set_exception(error)

    threading.Thread(target=anyio.run, args=(call,), name="event loop", daemon=True).start()
    late = DeadlineError(
        "the time was up before the proxy had been found and asked",
        hint="Is the resolver of host names slow, or the machine overloaded? Give it longer with --timeout.",
    )
    return within(deadline.left() + _GRACE_SECONDS, future, late)
