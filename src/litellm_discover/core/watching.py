"""When a proxy is looked at, when its list is asked for, and when the whole work is done anew.

A look is cheap: does the proxy answer, and is its list still the same? Only what a look, a changed file or the person
gives reason to is worth the whole work, a *refresh*. All times are seconds on one clock that the caller reads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

LOOK_SECONDS = 5.0
SILENT_SECONDS = 7.0
"""A proxy that is silent is looked at less often, down to this: one that is started is to be noticed within seconds."""

JITTER = 0.2
"""A pause is longer or shorter by up to this part: many daemons must not ask one proxy at the same moment."""

REFRESH_SECONDS = 1800.0
"""What a list does not show, like a price, is asked for this often."""

RETRY_SECONDS = 10.0

# So many refreshes in a row happen at once; then there are pauses, each twice as long, until it has been calm.
_FREE = 4
_GAP_SECONDS, _MOST_GAP_SECONDS = 10.0, 120.0
_CALM_SECONDS = 120.0

_MOST_DOUBLINGS = 16

Reach = Literal["named", "own", "remote"]
"""On this machine and trusted by the person's word; on it, and whose it is must be looked up; or elsewhere."""

LIST_SECONDS: dict[Reach, float] = {"named": LOOK_SECONDS, "own": 15.0, "remote": 60.0}
"""How often a list is asked for: by what that costs here, and there."""

Step: TypeAlias = Literal["look", "refresh"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: the address that answers (None: nobody does), and the digest of its list if it was asked."""

    root: str | None = None
    reach: Reach = "remote"
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of one proxy, and what is to be done when.

    ``silent`` and ``failures`` count looks without an answer and refreshes without success in a row, ``streak``
    refreshes without calm between them. ``asked`` when a refresh is wanted although nobody answers.
    """

    root: str | None = None
    digest: str | None = None
    look_at: float = 0.0
    list_at: float = 0.0
    refresh_at: float = 0.0
    not_before: float = 0.0
    began_at: float | None = None
    asked: bool = True
    silent: int = 0
    failures: int = 0
    streak: int = 0

    def step(self, now: float) -> Step | None:
        """What is to be done now."""
        if now >= self._refresh_due():
            return "refresh"
        return "look" if now >= self.look_at else None

    def wants_list(self, now: float) -> bool:
        """Whether a look should ask for the list, too."""
        return now >= self.list_at

    def next_at(self) -> float:
        """When there is something to do next."""
        return min(self.look_at, self._refresh_due())

    def _refresh_due(self) -> float:
        wanted = self.asked or self.root is not None
        return max(self.refresh_at, self.not_before) if wanted else float("inf")

    def looked(self, seen: Seen, now: float, jitter: float) -> Watch:
        """After a look. ``jitter`` is from -1 to 1."""
        stretch = 1 + JITTER * jitter
        if seen.root is None:
            silent = min(self.silent + 1, _MOST_DOUBLINGS)
            pause = min(LOOK_SECONDS * 2**self.silent, SILENT_SECONDS) * stretch
            return replace(self, root=None, digest=None, silent=silent, look_at=now + pause, list_at=now)
        other = seen.root != self.root or (None not in {seen.digest, self.digest} and seen.digest != self.digest)
        return replace(
            self,
            root=seen.root,
            digest=seen.digest or self.digest,
            silent=0,
            look_at=now + LOOK_SECONDS * stretch,
            # A little early: else a look that comes just before would leave it to the next one.
            list_at=now + LIST_SECONDS[seen.reach] - LOOK_SECONDS / 2 if self.wants_list(now) else self.list_at,
            refresh_at=min(now, self.refresh_at) if other else self.refresh_at,
        )

    def nudged(self, now: float, *, at_once: bool) -> Watch:
        """When something outside the proxy gives reason to do everything anew; ``at_once`` whatever went before."""
        watch = replace(self, asked=True, look_at=now, list_at=now, refresh_at=min(now, self.refresh_at), silent=0)
        return replace(watch, not_before=now, streak=0, began_at=None) if at_once else watch

    def began(self, now: float) -> Watch:
        """When a refresh begins. What gives reason to another one from now on is not lost."""
        last = self.not_before if self.began_at is None else max(self.began_at, self.not_before)
        calm = self.began_at is None or now - last >= _CALM_SECONDS
        streak = 1 if calm else min(self.streak + 1, _MOST_DOUBLINGS)
        gap = min(_GAP_SECONDS * 2.0 ** (streak - _FREE), _MOST_GAP_SECONDS) if streak >= _FREE else 0.0
        return replace(self, asked=False, refresh_at=float("inf"), began_at=now, streak=streak, not_before=now + gap)

    def refreshed(self, now: float, *, done: bool) -> Watch:
        """When it is over; ``done`` when everything is as it should be."""
        failures = 0 if done else min(self.failures + 1, _MOST_DOUBLINGS)
        pause = REFRESH_SECONDS if done else min(RETRY_SECONDS * 2**self.failures, REFRESH_SECONDS)
        return replace(self, failures=failures, refresh_at=min(self.refresh_at, now + pause))
