"""How much fits into a model, and what it costs."""

from __future__ import annotations

from decimal import Context, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core.model import Cost, Tier
from litellm_discover.core.price_tiers import completed

if TYPE_CHECKING:
    from litellm_discover.core.payloads import Row
    from litellm_discover.core.price_tiers import PriceTier

# Ten significant digits keep every published price and drop the noise of binary sums (0.08999999999999999).
_PRICE_CONTEXT = Context(prec=10)


def per_million(per_token: Decimal) -> Decimal:
    """USD per token as USD per 1,000,000 tokens, exact: 9e-08 is 0.09."""
    return per_token.scaleb(6).normalize(_PRICE_CONTEXT)


def cost(row: Row) -> Cost | None:
    """The prices, with those of large requests, or None unless both input and output price are known."""
    base = row.base
    return None if base is None else _cost(base, row.price_tiers)


# Thousands of models have the same few prices: they share them.
@lru_cache(maxsize=256)
def _cost(base: PriceTier, above: tuple[PriceTier, ...]) -> Cost:
    tiers = tuple(Tier(tier.above, *_per_million(completed(tier, base))) for tier in above)
    return Cost(*_per_million(base), tiers=tiers)


def _per_million(prices: PriceTier) -> tuple[Decimal, Decimal, Decimal | None, Decimal | None]:
    cache_read, cache_write = (
        per_million(price) if price is not None else None for price in (prices.cache_read, prices.cache_write)
    )
    return per_million(prices.input), per_million(prices.output), cache_read, cache_write


def json_number(price: Decimal) -> int | float:
    """The JSON number of an exact decimal: 3 and not 3.0, 0.09 and not 0.08999."""
    return int(price) if price == price.to_integral_value() else float(price)
