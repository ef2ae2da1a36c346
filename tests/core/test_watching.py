"""When the daemon looks at a proxy, and when it has the work done: tables, and days that take no time."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field

import pytest

from litellm_discover.core.watching import (
    LIST_SECONDS,
    LOOK_SECONDS,
    REFRESH_SECONDS,
    SILENT_SECONDS,
    Reach,
    Seen,
    Watch,
)

ROOT = "http://127.0.0.1:4000"
DAY = 24 * 3600.0


def quiet(now: float = 0.0) -> Watch:
    """A watch of a proxy that answers and whose work is done."""
    watch = Watch().began(now).refreshed(now, done=True)
    watch = watch.looked(Seen(ROOT, "named", "200:a"), now, 0)
    return watch.began(now).refreshed(now, done=True)


def test_at_first_everything_is_done_at_once() -> None:
    """A refresh, also for a proxy that is silent: its error is worth telling. Then looks alone."""
    assert Watch().step(0) == "refresh"
    watch = Watch().began(0).refreshed(1, done=False)
    assert watch.step(1) == "look"
    for now in (1, 100, 10_000):
        watch = watch.looked(Seen(), now, 0)
        assert watch.step(now + 60) == "look"


@pytest.mark.parametrize(
    ("seen", "step"),
    [
        pytest.param(Seen(ROOT, "named", "200:a"), None, id="nothing new"),
        pytest.param(Seen(ROOT, "named"), None, id="not asked for the list"),
        pytest.param(Seen(ROOT, "named", "200:b"), "refresh", id="another list"),
        pytest.param(Seen(ROOT, "named", "401"), "refresh", id="the key is refused"),
        pytest.param(Seen("http://[::1]:4000", "named"), "refresh", id="it is elsewhere"),
        pytest.param(Seen(), None, id="silent"),
    ],
)
def test_a_look_gives_reason_to_a_refresh(seen: Seen, step: str | None) -> None:
    """Only what can come out differently is worth the whole work."""
    assert quiet().looked(seen, 200, 0).step(200) == step


def test_a_proxy_that_comes_back_is_asked_at_once() -> None:
    """Also when it lists the same: it was started anew, and what describes its models may be other."""
    watch = quiet().looked(Seen(), 200, 0).looked(Seen(ROOT, "named", "200:a"), 230, 0)
    assert watch.step(230) == "refresh"


def test_a_silent_proxy_is_looked_at_less_and_less_often_but_often_enough() -> None:
    """The pause grows to its limit, which is within seconds; the first answer resets it."""
    watch, now, pauses = quiet(), 100.0, []
    for _ in range(6):
        watch = watch.looked(Seen(), now, 0)
        pauses.append(watch.look_at - now)
        now = watch.look_at
    assert pauses == [5, 7, 7, 7, 7, 7]
    assert watch.looked(Seen(ROOT), now, 0).look_at - now == LOOK_SECONDS


@pytest.mark.parametrize("jitter", [-1.0, -0.3, 0.0, 1.0])
def test_pauses_differ_by_a_fifth_at_most(jitter: float) -> None:
    """Many daemons must not ask one proxy at the same moment."""
    assert quiet().looked(Seen(ROOT), 0, jitter).look_at == pytest.approx(LOOK_SECONDS * (1 + 0.2 * jitter))


@pytest.mark.parametrize("reach", list(LIST_SECONDS))
def test_the_list_is_asked_for_by_what_that_costs(reach: Reach) -> None:
    """One more look than its interval at most."""
    watch, now = quiet(), 0.0
    asked = []
    while now < 600:
        listed = watch.wants_list(now)
        asked += [now] if listed else []
        watch = watch.looked(Seen(ROOT, reach, "200:a" if listed else None), now, 0)
        now = watch.look_at
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert set(pauses) == {LIST_SECONDS[reach]}


def test_what_no_list_shows_is_asked_for_now_and_then() -> None:
    """Prices and limits; a failure is tried again sooner, and then less and less often."""
    watch = quiet(0)
    assert watch.step(REFRESH_SECONDS - 1) == "look"
    assert watch.step(REFRESH_SECONDS) == "refresh"
    pauses, now = [], REFRESH_SECONDS
    for _ in range(9):
        watch = watch.began(now).refreshed(now, done=False)
        pauses.append(watch.refresh_at - now)
        now = max(watch.refresh_at, watch.not_before)
    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280, 1800]


def test_a_reason_during_a_refresh_is_not_lost() -> None:
    """A file that changes while the child works is looked at again."""
    watch = quiet().began(300).nudged(302, at_once=False).refreshed(303, done=True)
    assert watch.step(303) == "refresh"


def test_many_reasons_do_not_make_a_storm_and_the_person_is_heard_anyway() -> None:
    """Who changes a file back whenever we write it gets a refresh every two minutes, not every five seconds."""
    watch, now, begun = quiet(), 1000.0, []
    while now < 4600:
        watch = watch.nudged(now, at_once=False)
        if watch.step(now) == "refresh":
            begun.append(now)
            watch = watch.began(now).refreshed(now + 1, done=True)
        now += LOOK_SECONDS
    assert begun[1] - begun[0] == LOOK_SECONDS
    assert 30 <= len(begun) <= 40
    assert watch.nudged(now, at_once=True).step(now) == "refresh"


@dataclass
class World:
    """A proxy in simulated time, and what is in the person's files. Chances are from a seed."""

    chance: random.Random
    version: int = 0
    mood: str = "up"
    until: float = 0.0
    changed_at: float = 0.0
    written: list[int] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)

    def live(self, now: float) -> None:
        """Let time pass: it flaps, hangs, sends garbage, refuses the key, or offers other models."""
        while now >= self.until:
            moods = ["up"] * 4 + ["down", "flaps", "hangs", "garbage", "refuses"]
            self.mood = self.chance.choice(moods)
            self.changed_at = self.until
            self.until += self.chance.uniform(300, 3600)
            if self.mood == "up":
                self.version += self.chance.random() < 0.8

    def look(self, now: float, *, listed: bool) -> tuple[Seen, float]:
        """What a look finds, and the seconds that it takes."""
        mood = self.mood if self.mood != "flaps" else "up" if int(now / 7) % 2 else "down"
        if mood in {"down", "hangs"}:
            return Seen(), 0.0 if mood == "down" else 2.0
        digest = {"garbage": f"200:{self.chance.random()}", "refuses": "401"}.get(mood, f"200:{self.version}")
        return Seen(ROOT, "named", digest if listed else None), 0.1

    def refresh(self, now: float) -> tuple[bool, float]:
        """Whether a refresh is a success, and the seconds that it takes. Only another version is a write."""
        if self.mood != "up":
            return False, 5.0 if self.mood == "hangs" else 1.0
        if self.written[-1:] != [self.version]:
            self.written.append(self.version)
            self.delays.append(now - self.changed_at)
        return True, 1.0


@pytest.mark.parametrize("seed", range(5))
def test_a_day_with_a_proxy_that_misbehaves(seed: int) -> None:
    """Each version that stays is written once and soon, and neither looks nor refreshes become a storm."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    world, watch, now = World(chance), Watch(), 0.0
    looks = refreshes = 0
    while now < DAY:
        world.live(now)
        step = watch.step(now)
        if step == "refresh":
            watch = watch.began(now)
            done, seconds = world.refresh(now)
            watch = watch.refreshed(now + seconds, done=done)
            refreshes += 1
        elif step == "look":
            seen, seconds = world.look(now, listed=watch.wants_list(now))
            watch = watch.looked(seen, now + seconds, chance.uniform(-1, 1))
            looks += 1
        else:
            assert watch.next_at() > now
            now = watch.next_at()
            continue
        now += seconds
    assert world.written == sorted(set(world.written))
    assert len(world.written) > 5
    # After misbehaviour the pauses are longer; a version that stays is never missed.
    assert max(world.delays) <= SILENT_SECONDS * 1.2 + 120 + 5
    assert sorted(world.delays)[len(world.delays) // 2] <= 40
    assert looks <= DAY / (LOOK_SECONDS * 0.8)
    assert refreshes <= DAY / 60
