"""The table of models, and that of what is hidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core.report.details import UNKNOWN
from litellm_discover.core.report.html import Html, joined, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from litellm_discover.core.model import Catalog, Model
    from litellm_discover.core.report.details import Details


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of a proxy with its marks: what it shares with others."""

    proxy: str
    model: Model
    marks: Sequence[str]

    @property
    def unknown(self) -> bool:
        """Whether the limit or the price that a person would choose by is not known."""
        return self.model.cost is None or self.model.limit.context is None


# Title, field that the source belongs to, unit, class.
_COLUMNS = (
    ("Model", "name", "", "model"),
    ("Proxy", None, "", "proxy"),
    ("Route", "transport", "", "route"),
    ("Takes", "input", "", "takes"),
    ("Efforts", "efforts", "", "efforts"),
    ("Tools", "toolCall", "", "can"),
    ("Context", "limit", "tokens", "n"),
    ("Output", "limit", "tokens", "n"),
    ("Input", "cost", "$ per 1M", "n"),
    ("Output", "cost", "$ per 1M", "n"),
    ("Notes", None, "", "notes"),
)

_REASONS = {
    "mode": "not a chat model, says the proxy",
    "rule": "not a chat model, by its id",
    "sentinel": "a pattern or a group, no model",
    "unsafe": "its id could harm an agent or a terminal",
    "collision": "differs from another id in case only",
    "limit": "past what a run can hold",
    "user": "your own filter",
}


def models_table(listed: Sequence[Listed], details: Details, *, several: bool) -> Html:
    """One row for each model; the n-th has the id ``m<n>``. The column of the proxy is there if there are several."""
    columns = [column for column in _COLUMNS if several or column[0] != "Proxy"]
    head = (
        tag("th", tag("span", title), *([tag("small", unit)] if unit else []), scope="col", class_=kind, data_f=field)
        for title, field, unit, kind in columns
    )
    rows = (_row(place, each, details, several=several) for place, each in enumerate(listed))
    caption = tag("caption", "Models that the agents are offered. Prices in USD per 1,000,000 tokens.")
    return tag("table", caption, tag("thead", tag("tr", *head)), tag("tbody", joined(rows, "\n")), id="models")


def _row(place: int, listed: Listed, details: Details, *, several: bool) -> Html:
    model = listed.model
    prices = (model.cost.input, model.cost.output) if model.cost else (None, None)
    link = tag("a", model.name, href=f"#d{details.number(listed.proxy, model)}")
    cells = [
        *([_cell(listed.proxy)] if several else []),
        _cell(model.transport),
        _cell(" ".join(model.input)),
        _cell(_efforts(model)),
        _cell(_yes_or_no(model.tool_call)),
        *(_number(None if count is None else f"{count:,}") for count in (model.limit.context, model.limit.output)),
        *(_number(None if price is None else f"{price:f}") for price in prices),
    ]
    return tag("tr", tag("th", link, tag("code", model.id), scope="row"), *cells, _notes(listed), id=f"m{place}")


# Thousands of models share a few prices, limits and words.
@lru_cache(maxsize=4096)
def _cell(value: str | None) -> Html:
    return tag("td", UNKNOWN, class_="unknown") if value is None else tag("td", value)


@lru_cache(maxsize=4096)
def _number(value: str | None) -> Html:
    return tag("td", UNKNOWN, class_="n unknown") if value is None else tag("td", value, class_="n")


def _efforts(model: Model) -> str | None:
    if model.reasoning is None:
        return None
    return " ".join(model.efforts or ("yes",)) if model.reasoning else "no"


def _yes_or_no(value: bool | None) -> str | None:  # noqa: FBT001 - it is the value that is shown
    return None if value is None else "yes" if value else "no"


def _notes(listed: Listed) -> Html:
    model = listed.model
    notes = [tag("a", mark, href="#models", class_=f"mark {mark.split()[1]}") for mark in listed.marks]
    if model.deprecated:
        notes.append(tag("span", f"ends {model.deprecated}", class_="mark ends"))
    if model.cost and model.cost.tiers:
        notes.append(tag("span", "price tiers", class_="mark"))
    return tag("td", joined(notes, " "))


def hidden_table(catalogs: Sequence[Catalog]) -> Html:
    """What is not offered, and why."""
    several = len(catalogs) > 1
    titles = ("Id", *(["Proxy"] if several else []), "Reason", "Meaning")
    head = tag("tr", *(tag("th", title, scope="col") for title in titles))
    rows = (
        tag(
            "tr",
            tag("th", tag("code", entry.id), scope="row"),
            *([tag("td", catalog.proxy.id)] if several else []),
            tag("td", tag("code", entry.reason)),
            tag("td", _REASONS.get(entry.reason.split(":")[0], "")),
        )
        for catalog in catalogs
        for entry in catalog.hidden
    )
    caption = tag("caption", "Entries of the proxy that no agent is offered, and why")
    return tag("table", caption, tag("thead", head), tag("tbody", joined(rows, "\n")), id="hidden")


def hidden_summary(catalogs: Iterable[Catalog]) -> str:
    """``2 mode:embedding, 1 sentinel:wildcard``."""
    reasons = Counter(entry.reason for catalog in catalogs for entry in catalog.hidden)
    return ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
