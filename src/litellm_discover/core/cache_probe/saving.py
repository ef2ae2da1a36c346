"""What prompt caching saves of the input cost of a session."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litellm_discover.core.cache_probe.signals import Signals
    from litellm_discover.core.model import Cost

SESSION_REQUESTS = 20
"""A session is so many requests that begin alike: the first one writes to the cache, and the others read it."""


@dataclass(frozen=True, slots=True)
class Saving:
    """Of the input cost of a session in percent, and in USD for each 1,000,000 tokens that go in."""

    percent: Decimal
    usd_per_million: Decimal


def saving(cost: Cost | None, fill: Signals, read: Signals) -> Saving | None:
    """What a session saves in which all requests are as these two; None when a price is unknown."""
    if cost is None or cost.cache_read is None or not cost.input:
        return None
    wrote = _share(fill.written, fill.total)
    cached = _share(read.cached, read.total)
    write = cost.cache_write if cost.cache_write is not None else cost.input
    first = cost.input + wrote * (write - cost.input)
    later = cost.input - cached * (cost.input - cost.cache_read)
    saved = cost.input - (first + (SESSION_REQUESTS - 1) * later) / SESSION_REQUESTS
    return Saving(saved / cost.input * 100, saved)


def _share(part: int | None, total: int | None) -> Decimal:
    return min(Decimal(1), Decimal(part or 0) / total) if total else Decimal(0)
