"""Prices that depend on how much goes into a request, as LiteLLM states them, and their maximum over deployments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from litellm_discover.core.fields import Fields, price, tokens

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

# The thresholds of LiteLLM's price map (1.106.2), in thousands of tokens. It bills the whole request by its tier.
_NAMES = (
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
)
_THRESHOLDS = tuple(
    (thousand * 1000, tuple(f"{name}_above_{thousand}k_tokens" for name in _NAMES))
    for thousand in (128, 200, 256, 272, 512)
)
# A model of that map has three beside its base price, at the most, and a group of its models two thresholds.
MAX_TIERS = 3
_MAX_THRESHOLDS = 16


@dataclass(frozen=True, slots=True)
class PriceTier:
    """Prices in USD per token of a whole request with more than ``above`` input tokens; 0 is any request."""

    above: int
    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None


class Priced(Protocol):
    """What has prices: a row."""

    @property
    def base(self) -> PriceTier | None:
        """The prices of any request, None when they are unknown."""

    @property
    def price_tiers(self) -> tuple[PriceTier, ...]:
        """Those of large requests, from the smallest."""


def read_tiers(info: Fields, dropped: Counter[str]) -> tuple[PriceTier, ...]:
    """The tiers from the smallest; the first is at 0 where LiteLLM has no other base price (``tiered_pricing``).

    One without both input and output price is left out, and all if there are too many of them.
    """
    ranges = info.read("tiered_pricing", lambda value: value if isinstance(value, list) else None)
    if ranges:
        found = _ranges(ranges, dropped) if len(ranges) <= MAX_TIERS + 1 else ()
    else:
        stated = [_tier(info, above, names) for above, names in _THRESHOLDS]
        found = tuple(tier for tier in stated if tier)
    return found if len(found) <= MAX_TIERS + 1 else ()


def highest(rows: Sequence[Priced]) -> tuple[PriceTier, ...]:
    """At each threshold that any of them has, the highest price among them, from 0 on: what a request costs at most."""
    thresholds = sorted({0, *(tier.above for row in rows for tier in row.price_tiers)})
    found = []
    for above in thresholds if len(thresholds) <= _MAX_THRESHOLDS else [0]:
        prices = [prices for row in rows if (prices := _at(row, above))]
        if prices:
            found.append(
                PriceTier(
                    above,
                    max(tier.input for tier in prices),
                    max(tier.output for tier in prices),
                    _greatest(tier.cache_read for tier in prices),
                    _greatest(tier.cache_write for tier in prices),
                )
            )
    return tuple(found)


def completed(tier: PriceTier, base: PriceTier) -> PriceTier:
    """A tier with the base price of the cache where it has none of its own: so LiteLLM bills it."""
    return replace(
        tier,
        cache_read=base.cache_read if tier.cache_read is None else tier.cache_read,
        cache_write=base.cache_write if tier.cache_write is None else tier.cache_write,
    )


def _at(row: Priced, above: int) -> PriceTier | None:
    """The prices of a request with somewhat more than so many tokens."""
    if row.base is None:
        return None
    tiers = [tier for tier in row.price_tiers if tier.above <= above]
    return completed(tiers[-1], row.base) if tiers else row.base


def _greatest(values: Iterable[Decimal | None]) -> Decimal | None:
    return max((value for value in values if value is not None), default=None)


def _tier(fields: Fields, above: int, names: Sequence[str] = _NAMES) -> PriceTier | None:
    of_input, of_output, of_read, of_write = names
    cost_in = fields.read(of_input, price)
    cost_out = None if cost_in is None else fields.read(of_output, price)
    if cost_in is None or cost_out is None:
        return None
    return PriceTier(above, cost_in, cost_out, fields.read(of_read, price), fields.read(of_write, price))


def _ranges(ranges: Sequence[object], dropped: Counter[str]) -> tuple[PriceTier, ...]:
    """``tiered_pricing``: each with the tokens it is for, as ``range: [from, to]``; unclear as a whole if one is."""
    found = []
    for item in ranges:
        bounds = item.get("range") if isinstance(item, dict) else None
        start = bounds[0] if isinstance(bounds, list) and bounds else None
        above = 0 if start == 0 and not isinstance(start, bool) else tokens(start)
        tier = _tier(Fields(item, dropped), above) if isinstance(item, dict) and above is not None else None
        if tier is None:
            return ()
        found.append(tier)
    return tuple(sorted(found, key=lambda tier: tier.above))
