"""Blocking calls beside an event loop."""

from __future__ import annotations

import threading

import anyio
import pytest

from litellm_discover.io.slot import Slot


def test_a_call_that_hangs_is_left_and_there_is_no_second_one_beside_it() -> None:
    """Until it comes back; then the place is free again."""
    release = threading.Event()
    begun: list[int] = []

    def hang() -> None:
        begun.append(1)
        release.wait(10)

    async def run() -> None:
        slot = Slot(0.1)
        assert await slot.call(lambda value: value + 1, 1) == 2
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await slot.call(hang)
        assert len(begun) == 1
        release.set()
        with anyio.fail_after(10):
            while True:
                try:
                    assert await slot.call(lambda: "free") == "free"
                except TimeoutError:
                    await anyio.sleep(0.01)
                else:
                    return

    anyio.run(run)


def test_what_is_raised_passes_through() -> None:
    """And the place is free."""

    async def run() -> None:
        slot = Slot(1)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await slot.call(lambda: 1 // 0)

    anyio.run(run)
