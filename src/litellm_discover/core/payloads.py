"""Tolerant parsing: what LiteLLM's lists say, as typed rows.

Only the fields named here are ever taken from an answer. What has another type than LiteLLM gives it counts as
absent; what cannot be used is dropped and counted. Nothing in here raises, whatever the entries hold.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

T = TypeVar("T")

# Printable ASCII without braces, which could be a reference in a tool's configuration.
_WORD = re.compile(r"[!-z]{1,200}")

MAX_TOKENS = 100_000_000
MAX_PRICE_PER_TOKEN = 1000

# What is looked for in the lists of texts; the rest of them is never kept.
_KNOWN_TEXTS = (
    "/v1/chat/completions",
    "/v1/responses",
    "reasoning_effort",
    "store",
    "prompt_cache_key",
    "max_completion_tokens",
    "cache_control",
    "none",
    "minimal",
    "low",
    "medium",
    "high",
    "xhigh",
    "max",
)

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


@dataclass(frozen=True, slots=True)
class Row:
    """What one entry of one list states about the model ``id``; None and missing flags are unknown.

    ``context`` and ``output`` are tokens, the four prices USD per token, ``key`` is the entry of LiteLLM's price map
    that the deployment resolves to. ``flags`` has the flags that the answer carries, None where it says null; a row of
    the plain list has none. ``deployments`` are the rows that a row of several stands for.
    """

    id: str
    mode: str | None = None
    context: int | None = None
    output: int | None = None
    provider: str | None = None
    key: str | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    cache_read_price: Decimal | None = None
    cache_write_price: Decimal | None = None
    endpoints: frozenset[str] | None = None
    parameters: frozenset[str] | None = None
    effort_levels: frozenset[str] | None = None
    flags: Mapping[str, bool | None] = field(default_factory=dict)
    deployments: tuple[Row, ...] = ()

    @property
    def has_flags(self) -> bool:
        """Whether any capability is stated, which is so for each model that the price map knows."""
        return any(value is not None for value in self.flags.values())

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


class _Entry:
    """Typed access to one JSON object; a value of the wrong type counts as malformed and reads as absent."""

    def __init__(self, fields: Mapping[str, object], dropped: Counter[str]) -> None:
        self._fields = fields
        self._dropped = dropped

    def read(self, name: str, convert: Callable[[object], T | None]) -> T | None:
        value = self._fields.get(name)
        if value is None:
            return None
        converted = convert(value)
        if converted is None:
            self._dropped["malformed field"] += 1
        return converted

    def tokens(self, name: str) -> int | None:
        # LiteLLM writes 0 for unknown now and then; that is no garbage to be counted.
        return self.read(name, _tokens) if self._fields.get(name) != 0 else None


def _word(value: object) -> str | None:
    """A name of LiteLLM's own, like a mode or a provider: it is shown and written, so it is plain ASCII."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: object) -> frozenset[str] | None:
    return _texts_shared(tuple(text for text in _KNOWN_TEXTS if text in value)) if isinstance(value, list) else None


# Thousands of models state the same few things: their rows share them.
@lru_cache(maxsize=256)
def _texts_shared(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(texts)


@lru_cache(maxsize=256)
def _flags_shared(stated: tuple[tuple[str, bool | None], ...]) -> Mapping[str, bool | None]:
    return dict(stated)


def _number(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tokens(value: object) -> int | None:
    """A whole number of tokens; floats as ``/model_group/info`` gives them count when they are integral."""
    number = _number(value)
    return int(number) if number is not None and 1 <= number <= MAX_TOKENS and number == int(number) else None


def _price(value: object) -> Decimal | None:
    """USD per token, exactly as the proxy wrote it: through ``repr``, the shortest text that reads back equal."""
    number = _number(value)
    return Decimal(repr(number)) if number is not None and 0 <= number <= MAX_PRICE_PER_TOKEN else None


def _listed(model_id: str, fields: Mapping[str, object], dropped: Counter[str]) -> Row:
    entry = _Entry(fields, dropped)
    return Row(
        id=model_id,
        mode=entry.read("mode", _word),
        context=entry.tokens("max_input_tokens"),
        output=entry.tokens("max_output_tokens"),
    )


def _described(model_id: str, fields: Mapping[str, object], dropped: Counter[str]) -> Row:
    info = fields.get("model_info")
    if not isinstance(info, dict):
        dropped["entry without model_info"] += 1
        return Row(model_id)
    entry = _Entry(info, dropped)
    return Row(
        id=model_id,
        mode=entry.read("mode", _word),
        context=entry.tokens("max_input_tokens"),
        # LiteLLM's max_tokens is the output limit, never the context window.
        output=entry.tokens("max_output_tokens") or entry.tokens("max_tokens"),
        provider=entry.read("litellm_provider", _word),
        key=entry.read("key", _word),
        input_price=entry.read("input_cost_per_token", _price),
        output_price=entry.read("output_cost_per_token", _price),
        cache_read_price=entry.read("cache_read_input_token_cost", _price),
        cache_write_price=entry.read("cache_creation_input_token_cost", _price),
        endpoints=entry.read("supported_endpoints", _texts),
        parameters=entry.read("supported_openai_params", _texts),
        effort_levels=entry.read("reasoning_effort_levels", _texts),
        flags=_flags_shared(tuple((name, entry.read(name, _flag)) for name in FLAGS if name in info)),
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
