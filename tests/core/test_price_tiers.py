"""Prices of large requests, as LiteLLM states them."""

from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core import limits
from litellm_discover.core.payloads import DESCRIBED, Row
from litellm_discover.core.rows import MAX_EXTRAS
from recordings import rows_of

M = 1e-6
BASE = {"input_cost_per_token": 1 * M, "output_cost_per_token": 5 * M}


def above(thousand: int, cost_in: object, cost_out: object, cache: object = None) -> dict[str, object]:
    """The fields of one tier."""
    return {
        f"input_cost_per_token_above_{thousand}k_tokens": cost_in,
        f"output_cost_per_token_above_{thousand}k_tokens": cost_out,
        f"cache_read_input_token_cost_above_{thousand}k_tokens": cache,
    }


def spread(start: object, end: object, cost_in: object, cost_out: object) -> dict[str, object]:
    """One element of ``tiered_pricing``."""
    return {"range": [start, end], "input_cost_per_token": cost_in, "output_cost_per_token": cost_out}


def described(**info: object) -> Row:
    """The row of one description."""
    return rows_of(DESCRIBED, [{"model_name": "m", "model_info": info}]).rows[0]


@pytest.mark.parametrize(
    ("info", "tiers"),
    [
        (BASE, []),
        ({**BASE, **above(200, 2 * M, 8 * M)}, [(200_000, 2, 8)]),
        ({**BASE, **above(272, 2 * M, 8 * M), **above(128, 3 * M, 9 * M)}, [(128_000, 3, 9), (272_000, 2, 8)]),
        ({**BASE, **above(512, 2 * M, 8 * M)}, [(512_000, 2, 8)]),
        ({**BASE, **above(200, 2 * M, None)}, []),
        ({**BASE, **above(200, None, None)}, []),
        ({**BASE, **above(200, "2", 8 * M)}, []),
        ({**BASE, **above(200, -1, 8 * M)}, []),
        ({**BASE, **above(300, 2 * M, 8 * M)}, []),
        (
            {"tiered_pricing": [spread(0, 256000.0, 1 * M, 5 * M), spread(256000.0, 1e6, 3 * M, 9 * M)]},
            [(256_000, 3, 9)],
        ),
        ({**BASE, "tiered_pricing": [spread(32000, 64000, 3 * M, 9 * M)]}, [(32_000, 3, 9)]),
        ({**BASE, "tiered_pricing": [spread(0, 1, 1 * M, 5 * M), {"range": [1], "input_cost_per_query": 1}]}, []),
        ({**BASE, "tiered_pricing": [spread(n, 9, 1 * M, 5 * M) for n in range(9)]}, []),
        ({**BASE, "tiered_pricing": [spread("0", 9, 1 * M, 5 * M)]}, []),
        ({**BASE, "tiered_pricing": [None, 5, []]}, []),
        ({**BASE, "tiered_pricing": "x"}, []),
    ],
)
def test_tiers(info: dict[str, object], tiers: list[Any]) -> None:
    """Both prices or none; what is unclear is left out; the base price is there in any case."""
    cost = limits.cost(described(**info))
    assert cost
    assert (str(cost.input), str(cost.output)) == ("1", "5")
    assert [(tier.above, tier.input, tier.output) for tier in cost.tiers] == tiers


def test_a_price_of_the_cache_belongs_to_its_tier() -> None:
    """It is read where it is stated."""
    cost = limits.cost(described(**BASE, **above(200, 2 * M, 8 * M, 0.5 * M)))
    assert cost
    assert (cost.cache_read, str(cost.tiers[0].cache_read)) == (None, "0.5")


def tiered(*prices: int) -> list[dict[str, object]]:
    """Descriptions with one tier each."""
    return [{"model_name": "m", "model_info": {**BASE, **above(200, price * M, 8 * M)}} for price in prices]


def test_rows_that_cost_the_same_share_their_tiers() -> None:
    """Thousands of models have few prices, in the rows and in what is made of them."""
    one, other, two = rows_of(DESCRIBED, tiered(2, 3, 2)).rows
    assert one.price_tiers is two.price_tiers
    assert one.price_tiers != other.price_tiers
    costs = [limits.cost(row) for row in (one, two)]
    assert costs[0]
    assert costs[1]
    assert costs[0].tiers is costs[1].tiers


def test_only_so_many_different_tiers_are_kept() -> None:
    """A list cannot fill the memory with them; the rest is counted, and keeps its base price."""
    router = {"complexity_router_config": {"tiers": {"A": "a", "B": "b"}}}
    entries = tiered(*range(1, MAX_EXTRAS - 1), *range(1, 50), MAX_EXTRAS, MAX_EXTRAS + 1)
    rows = rows_of(DESCRIBED, [{"model_name": "r", "model_info": {}, "litellm_params": router}, *entries])
    assert rows.rows[0].routes == ("a", "b")
    assert [bool(row.price_tiers) for row in rows.rows[1:]] == [True] * (len(entries) - 2) + [False] * 2
    assert rows.dropped == {f"price tier or route past the first {MAX_EXTRAS}": 2}
    assert rows.rows[-1].base
