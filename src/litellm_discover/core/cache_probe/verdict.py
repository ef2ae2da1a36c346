"""What the answers to a probe say of prompt caching, and which setting is missing where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core.cache_probe.causes import CAUSES, STICKY, Kind, Seen
from litellm_discover.core.cache_probe.saving import saving

if TYPE_CHECKING:
    from decimal import Decimal

    from litellm_discover.core.cache_probe.plan import Subject
    from litellm_discover.core.cache_probe.saving import Saving

_UNJUDGED: frozenset[Kind] = frozenset({"unclear", "failed"})
_HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict, its cause in ``code`` and ``message``, and one next step in ``hint`` if there is one.

    ``share`` is how much of what went in came from the provider's cache, ``unmarked_share`` without marks, both from 0
    to 1. ``replays`` is whether the proxy answers the same request from its own response cache. ``usd`` is what the
    proxy counts for the probe. None is unknown.
    """

    kind: Kind
    code: str
    message: str
    hint: str = ""
    share: float | None = None
    unmarked_share: float | None = None
    saving: Saving | None = None
    replays: bool | None = None
    usd: Decimal | None = None

    @property
    def judged(self) -> bool:
        """Whether it says something about prompt caching."""
        return self.kind not in _UNJUDGED and self.code != _HIDDEN


_REPLAYED = (
    "the proxy answered different questions from its own response cache, so the provider was not asked",
    "Switch the semantic cache off for this model, then run this again: an agent gets answers to other questions.",
)


def judge(seen: Seen) -> Verdict:
    """The verdict on a probe of which there is enough."""
    if any(each.replayed for each in seen.varied):
        return _with_figures(Verdict("response_cache", _HIDDEN, *_REPLAYED), seen, share=None)
    reads = seen.of("read")
    hits = seen.hits(reads)
    if not hits:
        return _none(seen)
    share = sum(each.share for each in reads) / len(reads)
    if hits < len(reads):
        return _with_figures(_unsteady(seen, hits, len(reads)), seen, share)
    return _with_figures(_works(seen, share), seen, share)


def too_small(subject: Subject) -> Verdict:
    """The verdict on a model into which nothing fits that is cached; nothing is sent for it."""
    return Verdict(
        "none",
        "context_too_small",
        f"what is cached begins at {subject.minimum} tokens, and the model does not take twice that much",
        "Nothing is missing: such prompts are too short to be cached.",
    )


def _works(seen: Seen, share: float) -> Verdict:
    percent = f"{share:.0%} of what goes in comes from the provider's cache"
    unmarked = seen.of("unmarked")
    if not seen.subject.marks or (unmarked and seen.hits(unmarked)):
        return Verdict("works", "cached", percent, _unpriced(seen))
    if not unmarked:
        return Verdict("works", "cached", f"{percent}, with marks; without them was not tried", _unpriced(seen))
    return Verdict(
        "works_with_marks",
        "marks_needed",
        f"{percent}, but only where the agent marks it (cache_control)",
        "An agent that sends no marks pays in full. For such: cache_control_injection_points in the litellm_params.",
    )


def _unpriced(seen: Seen) -> str:
    if seen.subject.cost is not None and seen.subject.cost.cache_read is not None:
        return ""
    return "What that saves is unknown: the proxy has no cache_read_input_token_cost for this model."


def _unsteady(seen: Seen, hits: int, reads: int) -> Verdict:
    message = f"{hits} of {reads} requests came from the provider's cache"
    if seen.deployments > 1:
        return Verdict("unsteady", "several_deployments", f"{message}: several deployments take turns", STICKY)
    return Verdict("unsteady", "some_hits", message, "Run it again: a provider's cache promises nothing at first.")


def _none(seen: Seen) -> Verdict:
    cause = next(cause for cause in CAUSES if cause.applies(seen))
    total = max(each.total or 0 for each in seen.varied)
    message = cause.message.format(total=total, minimum=seen.subject.minimum)
    if cause.kind == "none" and _replays(seen):
        message = f"only the proxy's own response cache answers, and only the very same request; {message}"
        return _with_figures(Verdict("response_cache", cause.code, message, cause.hint), seen, 0.0)
    share = 0.0 if cause.kind == "none" else None
    return _with_figures(Verdict(cause.kind, cause.code, message, cause.hint), seen, share)


def _replays(seen: Seen) -> bool | None:
    repeated = seen.of("repeat")
    return repeated[0].replayed if repeated else None


def _with_figures(verdict: Verdict, seen: Seen, share: float | None) -> Verdict:
    unmarked = seen.of("unmarked")
    costs = [signals.usd for _, signals in seen.answers if not signals.replayed]
    known = [usd for usd in costs if usd is not None]
    least = min(seen.of("read"), key=lambda each: each.share)
    saved = saving(seen.subject.cost, seen.fill, least) if verdict.kind in {"works", "works_with_marks"} else None
    return Verdict(
        verdict.kind,
        verdict.code,
        verdict.message,
        verdict.hint,
        share=share,
        unmarked_share=unmarked[0].share if unmarked and share is not None else None,
        saving=saved,
        replays=_replays(seen),
        usd=sum(known[1:], known[0]) if known and len(known) == len(costs) else None,
    )
