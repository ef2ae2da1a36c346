"""What a probe of prompt caching sends to find out, and what that costs at most.

A provider caches the beginning of a prompt, so all requests of a probe begin alike and end with different questions:
one fills the cache, two read it. One is sent again as it was, which only a cache of whole answers, like the proxy's
own, answers by itself. Where Claude is behind, one more has no marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from litellm_discover.core.payloads import Row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from litellm_discover.core.model import Cost, Limit, Model, Tier, Transport
    from litellm_discover.core.understanding import Evidence

Part: TypeAlias = Literal["fill", "read", "repeat", "unmarked"]
Family: TypeAlias = Literal["claude", "gemini", "mistral", "openai"]

MARKS = "cache_control"

# No tokenizer makes more than two tokens of a plain English word, or one of several. What frames them counts once more.
_TOKENS_PER_WORD = 2
_FRAME_TOKENS = 200
# A cache counts in steps of up to 128 tokens, and the marked part has to be longer than the least.
_MIN_WORDS = 1280
_MARGIN = 1.25

# One word is asked for; who thinks first is given room, since OpenAI refuses a request whose room ends in a thought.
_OUTPUT_TOKENS = 16
_THINKING_TOKENS = 512

# Writing to a cache costs a quarter more than reading the prompt: Anthropic for five minutes, OpenAI from GPT-5.6 on
# (platform.claude.com/docs/en/build-with-claude/prompt-caching, developers.openai.com/api/docs/guides/prompt-caching).
_WRITE_PREMIUM = 5, 4

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class _Style:
    """How a family of models caches. ``minimum``: the longest of the least prompts that its providers document."""

    family: Family | None
    names: re.Pattern[str]
    minimum: int


# Where the proxy does not state prompt_cache_min_tokens. OpenAI: 1024 (as above). Claude: 512 to 4096, by model (as
# above). Gemini: 2048 and 4096 (ai.google.dev/gemini-api/docs/caching). Others document less, or nothing.
_STYLES = (
    _Style("claude", re.compile("claude", re.IGNORECASE), 4096),
    _Style("gemini", re.compile("gemini", re.IGNORECASE), 4096),
    _Style("mistral", re.compile("(?:mi|mag|mini|code|dev|pix)stral", re.IGNORECASE), 4096),
    _Style("openai", re.compile(r"(?:^|/)(?:(?:chat)?gpt-(?!oss)|o[134](?=$|-))", re.IGNORECASE), 1024),
)
_UNKNOWN_STYLE = _Style(None, re.compile(""), 4096)


@dataclass(frozen=True, slots=True)
class Step:
    """One request: its part in the probe, the number of its question, and whether it marks what to cache."""

    part: Part
    question: int
    marks: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """A model that is probed, and what is known of how it caches.

    ``minimum`` is the least number of tokens that is cached, ``stated`` when the proxy says so; ``words`` is the length
    of the common beginning, ``output`` the most tokens of an answer. ``marks`` when it caches only what is marked;
    ``lists_marks`` when the proxy lists them for each deployment. ``cache_key``, ``store`` and ``new_limit`` are
    whether the backend takes ``prompt_cache_key``, ``store`` and ``max_completion_tokens``; None is unknown.
    ``supported`` is what LiteLLM's price map says of prompt caching.
    """

    proxy: str
    id: str
    transport: Transport
    family: Family | None
    minimum: int
    stated: bool
    words: int
    output: int
    marks: bool
    lists_marks: bool
    cache_key: bool | None
    store: bool | None
    new_limit: bool | None
    supported: bool | None
    cost: Cost | None

    @property
    def fits(self) -> bool:
        """Whether a beginning that is long enough to be cached fits into the model."""
        return self.words >= self.minimum

    @property
    def steps(self) -> tuple[Step, ...]:
        """The requests, in their order; none where nothing can be learned."""
        if not self.fits:
            return ()
        marked = (Step("fill", 1, self.marks), *(Step("read", question, self.marks) for question in (2, 3)))
        unmarked = (Step("unmarked", 4, marks=False),) if self.marks else ()
        return (*marked, Step("repeat", 3, self.marks), *unmarked)

    @property
    def tokens(self) -> int:
        """How many tokens one request takes at most."""
        return self.words * _TOKENS_PER_WORD + _FRAME_TOKENS

    @property
    def bound(self) -> Decimal | None:
        """What all requests cost at most, in USD; None when a price is unknown."""
        if self.cost is None:
            return None
        prices: list[Cost | Tier] = [self.cost, *(tier for tier in self.cost.tiers if tier.above < self.tokens)]
        premium, base = _WRITE_PREMIUM
        dearest = max(max(each.input * premium / base, each.cache_write or 0) for each in prices)
        output = max(each.output for each in prices)
        return len(self.steps) * (self.tokens * dearest + self.output * output) / _MILLION


def subject(model: Model, proxy: str, evidence: Evidence | None) -> Subject:
    """What to probe of a model, from all that is stated of it."""
    row = evidence.stated if evidence else Row(model.id)
    deployments = row.deployments or (row,)
    styles = [_style(deployment) for deployment in deployments]
    stated = [deployment.cache_minimum for deployment in deployments]
    minimum = max(known or style.minimum for known, style in zip(stated, styles, strict=True))
    families = {style.family for style in styles}
    output = min(_THINKING_TOKENS if model.reasoning is not False else _OUTPUT_TOKENS, model.limit.output or _MILLION)
    return Subject(
        proxy=proxy,
        id=model.id,
        transport=model.transport,
        family=families.pop() if len(families) == 1 else None,
        minimum=minimum,
        stated=None not in stated,
        words=_words(minimum, output, model.limit),
        output=output,
        marks={style.family for style in styles} == {"claude"},
        lists_marks=all(MARKS in (deployment.parameters or ()) for deployment in deployments),
        cache_key=model.parameters.get("prompt_cache_key"),
        store=model.parameters.get("store"),
        new_limit=model.parameters.get("max_completion_tokens"),
        supported=_supported(deployments),
        cost=model.cost,
    )


def _style(row: Row) -> _Style:
    """The style of what is behind: by the names of the model, then by the provider."""
    names = (row.key, row.backend, row.id, row.provider)
    known = (style for name in names if name for style in _STYLES if style.names.search(name))
    return next(known, _UNKNOWN_STYLE)


def _supported(deployments: Sequence[Row]) -> bool | None:
    """What the price map says; None where nothing is described. It leaves out what is false."""
    if not any(row.flags or row.caches_prompts is not None for row in deployments):
        return None
    return all(row.caches_prompts for row in deployments)


def _words(minimum: int, output: int, limit: Limit) -> int:
    """The length of the beginning: enough to be cached, and no more than fits."""
    wanted = max(_MIN_WORDS, int(minimum * _MARGIN))
    if limit.context is None:
        return wanted
    return min(wanted, max(0, (limit.context - output - _FRAME_TOKENS) // _TOKENS_PER_WORD))
