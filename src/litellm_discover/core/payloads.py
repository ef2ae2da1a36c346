"""Tolerant parsing: what LiteLLM's lists say, as typed rows.

Only the fields named here are ever taken from an answer. What has another type than LiteLLM gives it counts as
absent; what cannot be used is dropped and counted. Nothing in here raises, whatever the entries hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core import deployment
from litellm_discover.core.fields import Fields, flag, price, texts, word
from litellm_discover.core.price_tiers import PriceTier, read_tiers

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping
    from decimal import Decimal

FLAGS = (
    "supports_audio_input",
    "supports_audio_output",
    "supports_function_calling",
    "supports_low_reasoning_effort",
    "supports_max_reasoning_effort",
    "supports_medium_reasoning_effort",
    "supports_minimal_reasoning_effort",
    "supports_none_reasoning_effort",
    "supports_high_reasoning_effort",
    "supports_pdf_input",
    "supports_reasoning",
    "supports_video_input",
    "supports_vision",
    "supports_xhigh_reasoning_effort",
)

_DENIED_AT_ONCE = (
    "supports_vision",
    "supports_function_calling",
    "supports_audio_input",
    "supports_audio_output",
)


@dataclass(frozen=True, slots=True)
class Row:
    """What one entry of one list states about the model ``id``; None and missing flags are unknown.

    ``context`` and ``output`` are tokens, the prices USD per token. ``key`` is the entry of LiteLLM's price map that
    the deployment resolves to, ``backend`` the model that LiteLLM calls; ``foreign`` when somebody other than OpenAI
    answers in OpenAI's protocol. ``flags`` has the flags that the answer carries, None where it says null; a row of the
    plain list has none. ``allowed`` are the parameters that are let through although the backend is not known to take
    them. ``cache_minimum`` is the least number of tokens of a prompt that is cached, and ``caches_prompts`` whether any
    is. ``unchecked`` when the proxy is told to leave the model out of its background health checks. ``deployments`` are
    the rows that a row of several stands for. ``routes`` are the models among which a router chooses, and
    ``from_routes`` what was concluded from them, by its name in the JSON envelope.
    """

    id: str
    mode: str | None = None
    context: int | None = None
    output: int | None = None
    provider: str | None = None
    key: str | None = None
    backend: str | None = None
    foreign: bool = False
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    cache_read_price: Decimal | None = None
    cache_write_price: Decimal | None = None
    price_tiers: tuple[PriceTier, ...] = ()
    endpoints: frozenset[str] | None = None
    parameters: frozenset[str] | None = None
    allowed: frozenset[str] | None = None
    effort_levels: frozenset[str] | None = None
    flags: Mapping[str, bool | None] = field(default_factory=dict)
    cache_minimum: int | None = None
    caches_prompts: bool | None = None
    deployments: tuple[Row, ...] = ()
    routes: tuple[str, ...] | None = None
    from_routes: frozenset[str] = frozenset()
    unchecked: bool = False

    @property
    def behind(self) -> str:
        """The name of what answers: as the price map has it, as LiteLLM calls it, or at least as it is listed."""
        return self.key or self.backend or self.id

    @property
    def base(self) -> PriceTier | None:
        """The prices of any request; None unless both of them are known.

        Zero for both is unknown, not free: LiteLLM 1.53 and 1.72 give it for each model that their price map lacks.
        """
        if self.input_price is None or self.output_price is None or not (self.input_price or self.output_price):
            return None
        return PriceTier(0, self.input_price, self.output_price, self.cache_read_price, self.cache_write_price)

    @property
    def has_flags(self) -> bool:
        """Whether any capability is stated, which is so for each model that the price map knows."""
        stated = self.flags.values()
        return True in stated or False in stated

    def states(self, flag: str) -> bool | None:
        """The flag; False for null beside other stated flags, since the price map leaves out what is false."""
        value = self.flags.get(flag)
        return False if value is None and flag in self.flags and self.has_flags else value


@dataclass(frozen=True, slots=True)
class Rows:
    """The usable rows of a list in its order, and how many entries or fields were dropped, by reason.

    ``complete`` is false when an entry that may have been a model's could not be read.
    """

    rows: tuple[Row, ...] = ()
    dropped: Mapping[str, int] = field(default_factory=dict)
    complete: bool = True


@lru_cache(maxsize=256)
def flags_shared(stated: tuple[tuple[str, bool | None], ...]) -> Mapping[str, bool | None]:
    """Flags of a row; thousands of models state the same few things, and share them."""
    return dict(stated)


def _listed(model_id: str, fields: Mapping[str, object], dropped: Counter[str]) -> Row:
    entry = Fields(fields, dropped)
    return Row(
        id=model_id,
        mode=entry.read("mode", word),
        context=entry.tokens("max_input_tokens"),
        output=entry.tokens("max_output_tokens"),
    )


def _described(model_id: str, fields: Mapping[str, object], dropped: Counter[str]) -> Row:
    info, params = fields.get("model_info"), fields.get("litellm_params")
    if not isinstance(info, dict):
        dropped["entry without model_info"] += 1
        return Row(model_id)
    entry = Fields(info, dropped)
    called = params if isinstance(params, dict) else {}
    provider = entry.read("litellm_provider", word)
    tiers = read_tiers(entry, dropped)
    base = tiers[0] if tiers and not tiers[0].above else None
    return Row(
        id=model_id,
        mode=entry.read("mode", word),
        context=entry.tokens("max_input_tokens"),
        # LiteLLM's max_tokens is the output limit, never the context window.
        output=entry.tokens("max_output_tokens") or entry.tokens("max_tokens"),
        provider=provider,
        key=entry.read("key", word),
        backend=deployment.backend(called),
        foreign=deployment.is_foreign(called, provider),
        routes=deployment.routes(called),
        input_price=base.input if base else entry.read("input_cost_per_token", price),
        output_price=base.output if base else entry.read("output_cost_per_token", price),
        cache_read_price=base.cache_read if base else entry.read("cache_read_input_token_cost", price),
        cache_write_price=base.cache_write if base else entry.read("cache_creation_input_token_cost", price),
        price_tiers=tiers[1:] if base else tiers,
        endpoints=entry.read("supported_endpoints", texts),
        parameters=entry.read("supported_openai_params", texts),
        allowed=texts(called.get("allowed_openai_params")),
        effort_levels=entry.read("reasoning_effort_levels", texts),
        flags=_flags(entry),
        unchecked=entry.read("disable_background_health_check", flag) or False,
        cache_minimum=entry.tokens("prompt_cache_min_tokens"),
        caches_prompts=entry.read("supports_prompt_caching", flag),
    )


def _flags(entry: Fields) -> Mapping[str, bool | None]:
    """The flags of a description; LiteLLM 1.53 says false to all of them for a model that its price map lacks."""
    stated = {name: entry.read(name, flag) for name in FLAGS if name in entry}
    denied = all(stated.get(name) is False for name in _DENIED_AT_ONCE)
    if denied and True not in stated.values() and entry.read("mode", word) is None:
        stated = dict.fromkeys(stated)
    return flags_shared(tuple(stated.items()))


def _grouped(model_id: str, fields: Mapping[str, object], dropped: Counter[str]) -> Row:
    """``false`` is unknown here: models that the price map lacks have it everywhere, and so have routers."""
    entry = Fields(fields, dropped)
    providers = fields.get("providers")
    return Row(
        id=model_id,
        mode=entry.read("mode", word),
        context=entry.tokens("max_input_tokens"),
        output=entry.tokens("max_output_tokens"),
        provider=word(providers[0]) if isinstance(providers, list) and len(providers) == 1 else None,
        input_price=entry.read("input_cost_per_token", price),
        output_price=entry.read("output_cost_per_token", price),
        parameters=entry.read("supported_openai_params", texts),
        effort_levels=entry.read("supported_reasoning_efforts", texts),
        flags=flags_shared(tuple((name, True) for name in FLAGS if entry.read(name, flag))),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of list: where the id of an entry is, how an entry is read, how many are, and if an id comes only once."""

    id_field: str
    read: Callable[[str, Mapping[str, object], Counter[str]], Row]
    most: int
    unique: bool


LISTED = Kind("id", _listed, most=25_000, unique=True)
"""``/v1/models``: what exists."""

DESCRIBED = Kind("model_name", _described, most=10_000, unique=False)
"""``/v1/model/info``: one entry for each deployment, so several may share an id."""

GROUPED = Kind("model_group", _grouped, most=1000, unique=True)
"""``/model_group/info``: one entry for each id, with less in it."""
