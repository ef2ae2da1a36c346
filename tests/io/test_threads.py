from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from litellm_discover.errors import AnswerError, DeadlineError
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.threads import all_of, at_most, by, run_within, side_by_side


def double(number: int) -> int:
    """Something to wait for."""
    time.sleep(0.01)
    return 2 * number


def refuse(_: int = 0) -> int:
    """Something that fails."""
    raise AnswerError("no")


def block() -> int:
    """Something that nothing can interrupt."""
    time.sleep(3)
    return 0


def test_the_result_is_returned() -> None:
    """With the arguments given, and from another thread than this."""
    assert run_within(Deadline.after(5), double, 21) == 42
    assert run_within(Deadline.after(5), threading.get_ident) != threading.get_ident()
    assert at_most(5, partial(double, 21)) == by(Deadline.after(5), partial(double, 21)) == 42


def test_an_error_is_raised_here() -> None:
    """With where it came from."""
    with pytest.raises(AnswerError, match="no") as raised:
        run_within(Deadline.after(5), refuse)
    assert raised.traceback[-1].name == "refuse"


@pytest.mark.parametrize("wait", ["run_within", "at_most", "by"])
def test_what_blocks_is_left_behind(wait: str) -> None:
    """The wait ends with its deadline, and for the whole run a moment of grace; no end of the process joins it."""
    started = time.monotonic()
    with pytest.raises(TimeoutError if wait == "by" else DeadlineError):
        {
            "run_within": lambda: run_within(Deadline.after(0.05), block),
            "at_most": lambda: at_most(0.05, block),
            "by": lambda: by(Deadline.after(0.05), block),
        }[wait]()
    assert time.monotonic() - started < 2
    left = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    assert left
    assert all(thread.daemon for thread in left)


def test_calls_run_at_the_same_time_and_come_in_their_order() -> None:
    """Each waits until all have begun; the slowest first does not lose its place."""
    begun = threading.Barrier(3, timeout=10)

    def wait(pause: float) -> float:
        begun.wait()
        time.sleep(pause)
        return pause

    pauses = [0.2, 0.0, 0.1]
    assert all_of([partial(wait, pause) for pause in pauses]) == pauses


def test_a_failure_keeps_no_other_call_from_its_result() -> None:
    """An expected failure is a result; any other is raised, and where none is expected any is."""
    failed, done = side_by_side([partial(refuse, 1), partial(double, 1)])
    assert isinstance(failed, AnswerError)
    assert done == 2
    with pytest.raises(ZeroDivisionError):
        side_by_side([partial(divmod, 1, 0)])
    with pytest.raises(AnswerError):
        all_of([partial(double, 1), partial(refuse, 1)])
