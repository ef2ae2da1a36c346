"""Provider catalogs: what is publicly known of the models of one provider, whoever serves them.

A file is one JSON object for one provider: ``{"schemaVersion": 1, "provider": "anthropic", "models": {…}}``. An entry
has the fields of a model in the JSON envelope: ``name``, ``mode``, ``reasoning``, ``efforts``, ``input``, ``output``,
``toolCall``, ``limit``, ``cost`` (with ``tiers``), and the date ``deprecated``; what is unknown is absent, and a mode
that is absent is chat. The bundled files are gathered by tools/catalogs; others come from anywhere and are not trusted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast, get_args

from litellm_discover.core.ids import is_safe_text
from litellm_discover.core.model import Cost, Limit, Modality, Tier
from litellm_discover.core.reasoning import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCHEMA_VERSION = 1

CUSTOM = "custom"
"""The provider of ids that mean nothing in public: what somebody published for their own proxy."""

MAX_TOKENS = 100_000_000
MAX_PRICE = 1_000_000_000
MAX_NAME = 120

_SEPARATOR = re.compile(r"(?<=\d)[-_.](?=\d)")
_DATE = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_MODE = re.compile(r"[a-z_]{1,40}")
_PROVIDER = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a catalog says of one model; None is unknown. ``deprecated`` is a date, ``2026-11-20``."""

    name: str | None = None
    mode: str | None = None
    reasoning: bool | None = None
    efforts: tuple[str, ...] | None = None
    input: tuple[Modality, ...] | None = None
    output: tuple[Modality, ...] | None = None
    tool_call: bool | None = None
    limit: Limit = field(default_factory=Limit)
    cost: Cost | None = None
    deprecated: str | None = None


def overlaid(low: Facts, high: Facts) -> Facts:
    """The facts of both; where both know something, those of ``high``."""
    names = (each.name for each in fields(Facts) if each.name != "limit")
    known: dict[str, Any] = {name: value for name in names if (value := getattr(high, name)) is not None}
    limit = Limit(high.limit.context or low.limit.context, high.limit.output or low.limit.output)
    return replace(low, **known, limit=limit)


class ProviderCatalog(Mapping[str, Facts]):
    """A provider's models by id, each understood when it is asked for: a large catalog is read for a few of them."""

    def __init__(self, provider: str, entries: Mapping[str, object]) -> None:
        self.provider = provider
        self._entries = entries
        self._read: dict[str, Facts] = {}
        self._spellings: Mapping[str, str] | None = None

    def __getitem__(self, model_id: str) -> Facts:
        if model_id not in self._read:
            self._read[model_id] = facts(self._entries[model_id])
        return self._read[model_id]

    def __contains__(self, model_id: object) -> bool:
        return model_id in self._entries  # without reading the entry

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def spelled_like(self, model_id: str) -> str | None:
        """The id that is spelled like another one, if there is just one such."""
        if self._spellings is None:
            spellings = [(spelled(each), each) for each in self._entries]
            times = Counter(spelling for spelling, _ in spellings)
            self._spellings = {spelling: each for spelling, each in spellings if times[spelling] == 1}
        return self._spellings.get(spelled(model_id))


@lru_cache(maxsize=64)
def spelled(model_id: str) -> str:
    """Equal for ids that differ in case, or in what separates the digits of a version."""
    return _SEPARATOR.sub(".", model_id.casefold())


@dataclass(frozen=True, slots=True)
class Shelved:
    """A provider catalog and where it is from, as the sources of fields say it: ``catalog:anthropic``."""

    source: str
    catalog: ProviderCatalog


Shelf: TypeAlias = Mapping[str, tuple[Shelved, ...]]
"""By provider, its catalogs from the lowest: the bundled one, then remote ones that override it field by field."""


def is_provider(name: str) -> bool:
    """Whether this can name a provider, and so a file."""
    return bool(_PROVIDER.fullmatch(name))


def read_catalog(document: object, provider: str) -> ProviderCatalog:
    """The catalog in a document. Raises ValueError with what is wrong unless it is one of this provider."""
    if not isinstance(document, dict):
        raise ValueError("it is no object")  # noqa: TRY004 - whatever is wrong with a document is one kind of error
    if document.get("schemaVersion") != SCHEMA_VERSION:
        raise ValueError(f"its schemaVersion is not {SCHEMA_VERSION}")
    if document.get("provider") != provider:
        raise ValueError(f"it is not that of {provider}")
    models = document.get("models")
    if not isinstance(models, dict):
        raise ValueError("it has no models")  # noqa: TRY004 - as above
    return ProviderCatalog(provider, models)


def facts(entry: object) -> Facts:
    """What an entry says; a field of another type or out of bounds counts as absent."""
    members = entry if isinstance(entry, dict) else {}

    def read(name: str, convert: Callable[[Any], T | None]) -> T | None:
        return convert(members.get(name))

    limit = members.get("limit")
    limits = limit if isinstance(limit, dict) else {}
    return Facts(
        name=read("name", _name),
        mode=read("mode", _matching(_MODE)),
        reasoning=read("reasoning", _flag),
        efforts=read("efforts", _chosen(EFFORTS)),
        input=cast("tuple[Modality, ...] | None", read("input", _chosen(get_args(Modality)))),
        output=cast("tuple[Modality, ...] | None", read("output", _chosen(get_args(Modality)))),
        tool_call=read("toolCall", _flag),
        limit=Limit(_tokens(limits.get("context")), _tokens(limits.get("output"))),
        cost=read("cost", _cost),
        deprecated=read("deprecated", _matching(_DATE)),
    )


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MAX_NAME and is_safe_text(value) else None


def _matching(pattern: re.Pattern[str]) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _chosen(known: tuple[str, ...]) -> Callable[[object], tuple[str, ...] | None]:
    """Of a list of words those that are known, in our own order."""
    return lambda value: tuple(word for word in known if word in value) if isinstance(value, list) else None


def _tokens(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_TOKENS else None


def _price(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_PRICE:
        return None
    return Decimal(repr(value))


def _prices(value: Mapping[str, object]) -> dict[str, Decimal | None] | None:
    prices = {
        name: _price(value.get(field))
        for name, field in (
            ("input", "input"),
            ("output", "output"),
            ("cache_read", "cacheRead"),
            ("cache_write", "cacheWrite"),
        )
    }
    return None if prices["input"] is None or prices["output"] is None else prices


def _cost(value: object) -> Cost | None:
    """The prices; None unless both of them are known. Nothing is free by mistake: zero for both is unknown."""
    prices = _prices(value) if isinstance(value, dict) else None
    if not isinstance(value, dict) or prices is None or not (prices["input"] or prices["output"]):
        return None
    tiers = value.get("tiers")
    found = [tier for item in (tiers if isinstance(tiers, list) else []) if (tier := _tier(item))]
    return Cost(**cast("dict[str, Any]", prices), tiers=tuple(sorted(found, key=lambda tier: tier.above)))


def _tier(value: object) -> Tier | None:
    prices = _prices(value) if isinstance(value, dict) else None
    above = _tokens(value.get("above")) if isinstance(value, dict) else None
    return Tier(above=above, **cast("dict[str, Any]", prices)) if prices is not None and above is not None else None
