"""What a row of the report has no column for, and the source of each field: told once for all models alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.explain import RULES
from litellm_discover.core.report.html import Html, joined, tag

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from litellm_discover.core.model import Cost, Model, Tier
    from litellm_discover.core.report.agents import Agents

# The fields in their order, by the name of their source. What stands in a column has no value here.
_IN_COLUMNS = {
    "name": "name",
    "transport": "route",
    "input": "takes",
    "efforts": "efforts",
    "toolCall": "tools",
    "limit": "limits",
    "cost": "prices",
}
UNKNOWN = "unknown"


class Details:
    """Collects the tables, each of them once; a row refers to the number of its own."""

    def __init__(self, agents: Agents) -> None:
        self._agents = agents
        self._numbers: dict[Hashable, int] = {}
        self._tables: list[Html] = []

    def number(self, proxy: str, model: Model) -> int:
        """The number of the table that a model shares with all that have the same to tell."""
        agents = tuple(self._agents.of(proxy, model.id))
        others = tuple(_others(model))
        # Before any markup is made: thousands of models share a few tables.
        key = (agents, others, tuple(model.sources.items()))
        number = self._numbers.setdefault(key, len(self._tables))
        if number == len(self._tables):
            places = (_row("", f"in {agent}", f"provider {provider}") for agent, provider in agents)
            self._tables.append(joined([*_rows(others, model.sources), *places], "\n"))
        return number

    def tables(self) -> Html:
        """All of them."""
        head = tag("tr", *(tag("th", title, scope="col") for title in ("Field", "Value", "From", "Because")))
        return joined(
            (
                tag("table", tag("thead", head), tag("tbody", rows), id=f"d{number}", class_="why")
                for number, rows in enumerate(self._tables)
            ),
            "\n",
        )


def _rows(others: Iterable[tuple[str, str, str]], sources: Mapping[str, str]) -> Iterator[Html]:
    for field, title in _IN_COLUMNS.items():
        yield _row(field, title, "", sources.get(field, ""))
    for field, title, value in others:
        yield _row(field, title, value, sources.get(field, ""))


def _row(field: str, title: str, value: str, source: str = "") -> Html:
    value_cell = tag("td", value, class_="unknown" if value == UNKNOWN else None)
    cells = (tag("th", title, scope="row"), value_cell, tag("td", source), tag("td", RULES.get(source, "")))
    return tag("tr", *cells, data_f=field or None)


def _others(model: Model) -> Iterator[tuple[str, str, str]]:
    """What no column has: the field, its title, its value."""
    yield "owner", "owner", model.owner or UNKNOWN
    yield "mode", "mode", model.mode or UNKNOWN
    yield "reasoning", "reasons", UNKNOWN if model.reasoning is None else "yes" if model.reasoning else "no"
    yield "output", "gives", " ".join(model.output)
    if model.cost:
        yield "cost", "cache, $ read / write", _cache(model.cost)
        for tier in model.cost.tiers:
            prices = f"{tier.input:f} in, {tier.output:f} out; cache {_cache(tier)}"
            yield "cost", f"$ above {tier.above:,} tokens", prices
    if model.deprecated:
        yield "deprecated", "ends", model.deprecated
    taken = [f"{name} {'yes' if takes else 'no'}" for name, takes in model.parameters.items()]
    yield "parameters", "parameters", ", ".join(taken) or UNKNOWN


def _cache(prices: Cost | Tier) -> str:
    known = (UNKNOWN if price is None else f"{price:f}" for price in (prices.cache_read, prices.cache_write))
    return " / ".join(known)
