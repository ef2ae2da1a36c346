from __future__ import annotations

import pytest

from litellm_discover.io import watchdog


@pytest.mark.parametrize(
    ("timeout", "soft", "hard"),
    [(5.0, 4.0, 4.8), (60.0, 48.0, 59.8), (4.0, 3.2, 4.0), (1.0, 0.8, 1.6), (0.1, 0.08, 0.88)],
)
def test_the_limits_of_a_run(timeout: float, soft: float, hard: float) -> None:
    """A fifth of the time is for merging and writing; below four seconds these take what they take."""
    assert watchdog.soft_seconds(timeout) == pytest.approx(soft)
    assert watchdog.hard_seconds(timeout) == pytest.approx(hard)


def test_nothing_is_watched_unless_it_is_started() -> None:
    """In this process, setting a limit and asking a question arm nothing."""
    watchdog.limit(0.1)
    with watchdog.suspended():
        pass
    watchdog.stop()
    assert watchdog._watchdog.started is None
    assert watchdog._watchdog._teller is None


def test_the_age_of_a_process_is_plausible_or_nothing() -> None:
    """This one has run for longer than an interpreter takes to start: it was something else before."""
    assert 0 <= watchdog._age() < 2
