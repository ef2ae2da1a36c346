"""An entry of a provider catalog as the sources give it: the fields that core/facts.py reads, unknown ones absent."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from litellm_discover.core.limits import json_number
from litellm_discover.core.reasoning import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Entry: TypeAlias = dict[str, Any]

Catalogs: TypeAlias = dict[str, dict[str, Entry]]
"""Entries by id, by provider."""

MODALITIES = ("text", "image", "audio", "video", "pdf")
PRICES = ("input", "output", "cacheRead", "cacheWrite")

_DIGITS = Context(prec=10)


def known(**fields: Any) -> Entry:
    """The fields that are known: neither None nor empty, except that no effort can be chosen."""
    return {name: value for name, value in fields.items() if value is not None and (value != [] or name == "efforts")}


def limit(context: object, output: object) -> dict[str, int] | None:
    """The limits; a limit that is no positive number is unknown."""
    found = {"context": _tokens(context), "output": _tokens(output)}
    return {name: value for name, value in found.items() if value} or None


def _tokens(value: object) -> int:
    return int(value) if isinstance(value, int | float | Decimal) and value > 0 else 0


def prices(values: Mapping[str, object]) -> dict[str, Any] | None:
    """Prices for a million tokens by PRICES, None unless input and output are known and not both zero.

    A cached token for nothing is unknown as well: several sources write zero where they have no price.
    """
    found = {name: value for name in PRICES if isinstance(value := _decimal(values.get(name)), Decimal) and value >= 0}
    if "input" not in found or "output" not in found or not (found["input"] or found["output"]):
        return None
    return {name: json_number(value) for name, value in found.items() if value or name in {"input", "output"}}


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return Decimal(str(value)).normalize(_DIGITS)


def cost(base: Mapping[str, object], tiers: Iterable[tuple[int, Mapping[str, object]]]) -> dict[str, Any] | None:
    """The prices with those of longer requests; a tier needs both prices, and says something new."""
    found = prices(base)
    if found is None:
        return None
    further = [
        {"above": above, **priced}
        for above, values in sorted(tiers, key=lambda tier: tier[0])
        if (priced := prices(values)) and priced != found
    ]
    return {**found, "tiers": further} if further else found


def chosen(words: Iterable[object], order: tuple[str, ...] = MODALITIES) -> list[str]:
    """Of the words those that are known, in our order."""
    given = set(words)
    return [word for word in order if word in given]


def efforts(words: Iterable[object]) -> list[str]:
    """Of the words those that are efforts, from the least."""
    return chosen(words, EFFORTS)
