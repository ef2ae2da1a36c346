"""Calls that can block, like all that is about files, beside an event loop: one at a time, and bounded in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, TypeVarTuple

import anyio
from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Slot:
    """A place for one blocking call. One that does not come back keeps it: there is never a second one beside it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._taken = False

    async def call(self, function: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        """What the function returns or raises. Raises TimeoutError when that is late, or the last one hangs."""
        if self._taken:
            raise TimeoutError

        def run() -> T:
            try:
                return function(*arguments)
            finally:
                self._taken = False

        self._taken = True
        with anyio.fail_after(self._seconds):
            return await to_thread.run_sync(run, abandon_on_cancel=True)
