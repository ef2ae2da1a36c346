"""What was seen of a model in a probe, and why nothing came from a cache where nothing did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from litellm_discover.core.cache_probe.plan import Part, Step, Subject
    from litellm_discover.core.cache_probe.signals import Signals

Kind: TypeAlias = Literal["works", "works_with_marks", "unsteady", "response_cache", "none", "unclear", "failed"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The answers to a probe by their parts; the fill and at least one read are there."""

    subject: Subject
    answers: Sequence[tuple[Step, Signals]]

    def of(self, part: Part) -> tuple[Signals, ...]:
        """The answers to the requests with this part."""
        return tuple(signals for step, signals in self.answers if step.part == part)

    @property
    def enough(self) -> bool:
        """Whether anything can be concluded."""
        return bool(self.of("fill") and self.of("read"))

    @property
    def fill(self) -> Signals:
        """The answer to the first request."""
        return self.of("fill")[0]

    @property
    def varied(self) -> tuple[Signals, ...]:
        """The answers to the questions that only the beginning has in common, in their order."""
        return self.of("fill") + self.of("read")

    def hits(self, signals: Sequence[Signals]) -> int:
        """How many came from a cache that the first request filled, and not one that was there before."""
        return sum((each.cached or 0) > (self.fill.cached or 0) for each in signals)

    @property
    def wrote(self) -> bool:
        """Whether the backend says that it wrote to a cache."""
        return any(each.written for each in self.varied)

    @property
    def deployments(self) -> int:
        """How many deployments answered."""
        return len({each.deployment for each in self.varied if each.deployment})


@dataclass(frozen=True, slots=True)
class Cause:
    """Why nothing was read from a cache: when it applies, what it is, and what to do."""

    kind: Kind
    code: str
    applies: Callable[[Seen], bool]
    message: str
    hint: str


STICKY = (
    'Let the same deployment answer again: router_settings: optional_pre_call_checks: ["prompt_caching"] for marked'
    ' prompts, ["deployment_affinity"] for all others.'
)

# The first that applies; messages are filled in with the fields of the subject and the tokens of a request.
CAUSES = (
    Cause(
        "unclear",
        "fallback",
        lambda seen: any(each.fell_back for each in seen.varied),
        "another model answered: the proxy fell back to it",
        "Look into the proxy's log for why this model failed, then run this again.",
    ),
    Cause(
        "none",
        "several_deployments",
        lambda seen: seen.deployments > 1 and (seen.wrote or not seen.subject.marks),
        "the requests went to different deployments, and each has a cache of its own",
        STICKY,
    ),
    Cause(
        "none",
        "below_minimum",
        lambda seen: max(each.total or 0 for each in seen.varied) < seen.subject.minimum and bool(seen.fill.total),
        "{total} tokens arrived, and from {minimum} on the provider caches: the prompt was cut on the way",
        "Does the proxy compress or trim prompts? Switch that off for this model.",
    ),
    Cause(
        "none",
        "written_not_read",
        lambda seen: seen.wrote,
        "each request wrote to the cache, and none read from it",
        "Something before the question changes on the way, or several accounts take turns behind one address. Does a"
        " guardrail, a hook or a prompt template of the proxy add a time or an id?",
    ),
    Cause(
        "none",
        "marks_lost",
        lambda seen: seen.subject.marks and not seen.subject.lists_marks,
        "Claude caches only what is marked, and this backend does not list marks (cache_control) among what it takes",
        "Have it served by one that does: model: anthropic/…, bedrock/… or vertex_ai/… in its litellm_params.",
    ),
    Cause(
        "none",
        "marks_ignored",
        lambda seen: seen.subject.marks,
        "the marks (cache_control) were sent, and nothing was cached",
        "See whether the provider caches this model in this region and account, and from how many tokens on.",
    ),
    Cause(
        "none",
        "cache_key_refused",
        lambda seen: seen.subject.family == "mistral" and seen.subject.cache_key is False,
        "the provider caches for requests with the same prompt_cache_key, and the proxy refuses that parameter",
        'Let it through: allowed_openai_params: ["prompt_cache_key"] in the litellm_params of the model.',
    ),
    Cause(
        "unclear",
        "not_reported",
        lambda seen: all(each.cached is None for each in seen.varied),
        "the answers do not say how many tokens came from a cache",
        "Compare the provider's bill; or ask the backend to report it (usage.prompt_tokens_details.cached_tokens).",
    ),
    Cause(
        "none",
        "unsupported",
        lambda seen: seen.subject.supported is False,
        "nothing came from a cache, and LiteLLM's price map knows of no prompt caching for this model",
        "See whether its provider caches prompts at all; another provider of the same model may.",
    ),
    Cause(
        "none",
        "no_hit",
        lambda _: True,
        "nothing came from a cache; this provider caches by itself and promises nothing",
        "Run it again in a few minutes. If it stays so: does the proxy change the beginning of prompts, or do several"
        " accounts take turns behind one address?",
    ),
)
