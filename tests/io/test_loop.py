from __future__ import annotations

import threading
import time

import anyio
import pytest
from anyio.lowlevel import checkpoint

from litellm_discover.errors import AnswerError, DeadlineError
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.loop import run_within


async def double(number: int) -> int:
    """Something to wait for."""
    await anyio.sleep(0.01)
    return 2 * number


async def refuse() -> None:
    """Something that fails."""
    await checkpoint()
    raise AnswerError("no")


async def block(seconds: float) -> None:
    """Something that never lets the loop go on."""
    time.sleep(seconds)  # noqa: ASYNC251 - this is what must not hold the run


def test_the_result_is_returned() -> None:
    """With the arguments given, and from another thread than this."""
    assert run_within(Deadline.after(5), double, 21) == 42


def test_an_error_is_raised_here() -> None:
    """With where it came from."""
    with pytest.raises(AnswerError, match="no") as raised:
        run_within(Deadline.after(5), refuse)
    assert raised.traceback[-1].name == "refuse"


def test_a_blocked_loop_does_not_hold_the_run() -> None:
    """The wait ends with its deadline and a moment of grace."""
    started = time.monotonic()
    with pytest.raises(DeadlineError):
        run_within(Deadline.after(0.05), block, 3)
    assert time.monotonic() - started < 2
    assert any(thread.name == "event loop" and thread.daemon for thread in threading.enumerate())
