"""How much fits into a model, and what it costs."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING

from litellm_discover.core.model import Cost, Limit

if TYPE_CHECKING:
    from litellm_discover.core.payloads import Row

# Ten significant digits keep every published price and drop the noise of binary sums (0.08999999999999999).
_PRICE_CONTEXT = Context(prec=10)


def per_million(per_token: Decimal) -> Decimal:
    """USD per token as USD per 1,000,000 tokens, exact: 9e-08 is 0.09."""
    return per_token.scaleb(6).normalize(_PRICE_CONTEXT)


def limit(row: Row) -> Limit:
    """The limits in tokens; each may be unknown."""
    return Limit(context=row.context, output=row.output)


def cost(row: Row) -> Cost | None:
    """The prices, or None unless both input and output price are known.

    Zero for both is unknown, not free: LiteLLM 1.53 and 1.72 give it for each model that their price map lacks.
    """
    if row.input_price is None or row.output_price is None or not (row.input_price or row.output_price):
        return None
    cache_read, cache_write = (
        per_million(price) if price is not None else None for price in (row.cache_read_price, row.cache_write_price)
    )
    return Cost(per_million(row.input_price), per_million(row.output_price), cache_read, cache_write)


def json_number(price: Decimal) -> int | float:
    """The JSON number of an exact decimal: 3 and not 3.0, 0.09 and not 0.08999."""
    return int(price) if price == price.to_integral_value() else float(price)
