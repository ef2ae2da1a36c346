"""Calls in threads of their own, which the end of the process does not wait for."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar, TypeVarTuple

from litellm_discover.errors import DeadlineError, DiscoverError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litellm_discover.io.deadline import Deadline

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

# Windows does not interrupt a wait for Ctrl-C.
_SLICE_SECONDS = 0.1

_NEVER = float("inf")

# What notices the deadline by itself gets this much longer to say what was late, or to make do with what it has.
_GRACE_SECONDS = 0.5


class _Call(Generic[T]):
    """A call that has begun. A future of the standard library would import its logging, 6 ms."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._done = threading.Event()
        self._result: T
        self._error: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
            self._error = error
        finally:
            self._done.set()

    def result(self, until: float, late: Exception) -> T:
        """What it returns or raises. Raises ``late`` when that is later than ``until``, and leaves it behind."""
        while not self._done.wait(max(0.0, min(_SLICE_SECONDS, until - time.monotonic()))):
            if time.monotonic() >= until:
                raise late
        if self._error is not None:
            raise self._error
        return self._result


def side_by_side(calls: Sequence[Callable[[], T]]) -> list[T | DiscoverError]:
    """What each call returns, or the expected failure that it raises, in their order. Raises any other error.

    A deadline is the business of the call itself.
    """
    return all_of([partial(_or_failure, call) for call in calls])


def all_of(calls: Sequence[Callable[[], T]]) -> list[T]:
    """What each call returns, in their order. Raises what the first of them raises."""
    return [call.result(_NEVER, TimeoutError()) for call in [_Call(call) for call in calls]]


def _or_failure(call: Callable[[], T]) -> T | DiscoverError:
    try:
        return call()
    except DiscoverError as error:
        return error


def by(deadline: Deadline, call: Callable[[], T]) -> T:
    """What a call that nothing can interrupt returns or raises. Raises TimeoutError when it does neither in time."""
    return _Call(call).result(deadline.at, TimeoutError())


def at_most(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns or raises. Raises DeadlineError when it does neither in time, and leaves it behind."""
    late = DeadlineError(
        "the time was up before everything was done",
        hint="A file that blocks or an overloaded machine can be the cause; give it longer with timeout.",
    )
    return _Call(call).result(time.monotonic() + seconds, late)


def run_within(deadline: Deadline, function: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
    """What a function that uses the network returns or raises. Raises DeadlineError when it does neither in time.

    It is left behind then, whatever it is stuck in.
    """
    late = DeadlineError(
        "the time was up before the proxy had been found and asked",
        hint="Is the machine overloaded? Give it longer with --timeout.",
    )
    return _Call(partial(function, *arguments)).result(deadline.at + _GRACE_SECONDS, late)
