"""Several deployments behind one name, and routers."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from litellm_discover.core import limits
from litellm_discover.core.groups import group, merge
from litellm_discover.core.options import TransportOptions
from litellm_discover.core.parameters import parameters
from litellm_discover.core.payloads import FLAGS, Row
from litellm_discover.core.price_tiers import PriceTier
from litellm_discover.core.reasoning import efforts, reasoning
from litellm_discover.core.transport import choose_transport

M = Decimal("1e-6")


def flags(**stated: bool) -> dict[str, bool | None]:
    """The flags of a description, null but for these."""
    return dict.fromkeys(FLAGS) | {f"supports_{name}": value for name, value in stated.items()}


def priced(model_id: str, cost_in: int, cost_out: int, *tiers: tuple[int, int, int], cache: int | None = None) -> Row:
    """A row with prices in USD per million tokens."""
    return Row(
        model_id,
        input_price=cost_in * M,
        output_price=cost_out * M,
        cache_read_price=None if cache is None else cache * M,
        price_tiers=tuple(PriceTier(above, a * M, b * M) for above, a, b in tiers),
    )


@pytest.mark.parametrize(
    ("listed", "modes", "mode"),
    [
        (None, ["chat", "chat"], "chat"),
        ("chat", ["chat", None], "chat"),
        ("responses", ["responses", "responses"], "responses"),
        ("responses", ["responses", None], None),
        ("responses", ["responses", "chat"], None),
        (None, [None, None], None),
        ("chat", ["responses"], "chat"),
        ("embedding", ["embedding", None], "embedding"),
    ],
)
def test_the_mode_of_one_is_not_that_of_all(listed: str | None, modes: list[str | None], mode: str | None) -> None:
    """The list has the mode of any of the deployments: it counts only where they do not differ."""
    described = group(Row("m", mode=each) for each in modes)["m"]
    assert merge(Row("m", mode=listed), described).mode == mode


GPT = Row("m", key="gpt-5.5", provider="openai", flags=flags(reasoning=True, none_reasoning_effort=True))
AZURE = replace(GPT, key="azure/gpt-5.5", provider="azure")


@pytest.mark.parametrize(
    ("members", "levels"),
    [
        ([GPT, GPT], ("none", "low", "medium", "high")),
        ([GPT, replace(GPT, flags=flags(reasoning=True))], ("low", "medium", "high")),
        ([GPT, replace(GPT, effort_levels=frozenset({"none", "high"}))], ("none", "high")),
        ([GPT, Row("m")], ("none", "low", "medium", "high")),
        ([GPT, replace(GPT, flags=flags(reasoning=False))], None),
        ([GPT, replace(GPT, flags=flags(reasoning=True, low_reasoning_effort=False))], ("medium", "high")),
    ],
)
def test_efforts_in_common(members: list[Row], levels: tuple[str, ...] | None) -> None:
    """Each deployment has its own, by the rules for one; a null beside other flags denies none of them."""
    assert efforts(group(members)["m"]) == levels


@pytest.mark.parametrize(
    ("members", "route"),
    [
        ([GPT, AZURE], "responses"),
        ([GPT, replace(GPT, foreign=True)], "chat"),
        ([GPT, Row("m", key="claude-opus-4-8", provider="anthropic")], "chat"),
        ([GPT, Row("m", backend="azure/my-deployment")], "chat"),
    ],
)
@pytest.mark.parametrize("model_id", ["m", "gpt-5.5"])
def test_a_group_has_a_family_only_if_all_have_it(members: list[Row], route: str, model_id: str) -> None:
    """Whatever it is called: what answers decides."""
    row = group(replace(member, id=model_id) for member in members)[model_id]
    assert choose_transport(row, TransportOptions(), None)[0] == route


@pytest.mark.parametrize(
    ("members", "prices"),
    [
        ([(1, 5)], {0: (1, 5)}),
        ([(1, 5), (2, 4)], {0: (2, 5)}),
        ([(1, 5, (200, 3, 9)), (2, 4)], {0: (2, 5), 200: (3, 9)}),
        ([(1, 5, (200, 3, 9)), (4, 4)], {0: (4, 5), 200: (4, 9)}),
        ([(1, 5, (200, 3, 9)), (1, 5, (272, 4, 7))], {0: (1, 5), 200: (3, 9), 272: (4, 9)}),
        ([(0, 0), (2, 4)], {0: (2, 4)}),
        ([(0, 0), (0, 0)], {}),
    ],
)
def test_the_highest_price_at_each_threshold(
    members: list[tuple[int, int, tuple[int, int, int]]], prices: dict[int, Any]
) -> None:
    """What a request costs at most, whichever deployment answers it; zero for both is no price."""
    cost = limits.cost(group(priced("m", *member) for member in members)["m"])
    found = {tier.above: (tier.input, tier.output) for tier in cost.tiers} if cost else {}
    assert ({0: (cost.input, cost.output), **found} if cost else {}) == prices


def test_a_tier_has_the_cache_price_of_the_base() -> None:
    """LiteLLM bills it so when the tier has none of its own."""
    cost = limits.cost(priced("m", 2, 4, (200_000, 4, 8), cache=1))
    assert cost
    assert cost.tiers[0].cache_read == 1
    assert cost.tiers[0].cache_write is None


SMALL = replace(
    priced("small", 1, 5, cache=1), context=200, output=60, key="gpt-5-mini", provider="openai",
    flags=flags(vision=True, reasoning=True, function_calling=True),
)  # fmt: skip
LARGE = replace(
    priced("large", 2, 4, (200, 6, 6)), context=1000, output=50, key="claude-opus", provider="anthropic",
    flags=flags(reasoning=True, function_calling=True, max_reasoning_effort=True),
)  # fmt: skip
BARE = Row("bare", provider="opencodego")
ROUTER = Row("router", mode="chat", provider="auto_router", key="auto_router/complexity_router")


def routed(*routes: str, **own: int | str) -> Row:
    """What is concluded of a router with these tiers, and with what it says itself."""
    others = [SMALL, LARGE, BARE, replace(ROUTER, id="inner", routes=("small",))]
    return group([*others, replace(ROUTER, routes=routes, **own)])["router"]  # type: ignore[arg-type] # a table


def test_a_router_promises_what_each_of_its_tiers_can_do() -> None:
    """The smallest limits, the highest prices, the capabilities, efforts and parameters in common."""
    row = routed("small", "large")
    assert (row.context, row.output, row.mode, row.provider) == (200, 50, "chat", "auto_router")
    cost = limits.cost(row)
    assert cost
    assert (cost.input, cost.output) == (Decimal(2), Decimal(5))
    assert [(tier.above, tier.input) for tier in cost.tiers] == [(200, Decimal(6))]
    assert row.states("supports_vision") is False
    assert row.states("supports_function_calling") is True
    assert reasoning(row) == (True, "proxy")
    assert efforts(row) == ("low", "medium", "high")
    assert parameters(row, "chat", efforts(row), frozenset())[0]["store"] is False
    assert choose_transport(row, TransportOptions(), None) == ("chat", "rule:chat-unless-stated")
    assert row.from_routes >= {"limit", "cost", "input", "toolCall", "reasoning", "efforts", "parameters"}


@pytest.mark.parametrize("routes", [("small", "missing"), ("inner",), ("small", "inner"), ("router",)])
def test_a_router_of_which_something_is_not_known_stays_unknown(routes: tuple[str, ...]) -> None:
    """A tier that is not described, or that is a router itself, could be anything."""
    row = routed(*routes)
    assert (row.context, row.base, row.flags, row.from_routes) == (None, None, {}, frozenset())


def test_what_one_tier_does_not_know_nobody_does() -> None:
    """Unlike deployments of one name, tiers are different models: one says nothing of another."""
    row = routed("small", "bare")
    assert (row.context, row.base, row.states("supports_vision")) == (None, None, None)


def test_what_the_person_said_of_a_router_stands() -> None:
    """Its own statement outranks what is concluded, and is not said to be concluded."""
    row = routed("small", "large", context=5)
    assert (row.context, row.output) == (5, 50)
    row = group([SMALL, replace(priced("router", 7, 7), routes=("small",))])["router"]
    assert limits.cost(row) == limits.cost(priced("router", 7, 7))
    assert "cost" not in row.from_routes
