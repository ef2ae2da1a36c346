"""The table of models for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_discover.core.model import Catalog, Cost, Hidden, Model

UNKNOWN = "–"

# Nobody needs to be told it.
USUAL_ID = "litellm"

# Rich takes a millisecond and about 8 KB for a row until the last one is measured, and nobody reads so many.
MAX_ROWS = 500


def models_table(catalog: Catalog) -> Table:
    """One row for each of the first MAX_ROWS models; what is unknown is a dash, never a zero."""
    version = f", LiteLLM {catalog.proxy.version}" if catalog.proxy.version else ""
    name = "" if catalog.proxy.id == USUAL_ID else f"{catalog.proxy.id}: "
    title = Text(f"{name}{catalog.proxy.base_url}{version}")
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("model", "name"):
        table.add_column(heading, overflow="fold")
    for heading in ("route", "input", "efforts"):
        table.add_column(heading)
    for heading in ("context", "output", "$ in/out per 1M"):
        table.add_column(heading, justify="right")
    for model in catalog.models[:MAX_ROWS]:
        table.add_row(*(Text(cell) for cell in _cells(model)))
    return table


def _cells(model: Model) -> tuple[str, ...]:
    return (
        model.id,
        model.name,
        model.transport,
        " ".join(model.input),
        _efforts(model),
        _tokens(model.limit.context),
        _tokens(model.limit.output),
        _price(model.cost),
    )


def _efforts(model: Model) -> str:
    if model.reasoning is None:
        return UNKNOWN
    return " ".join(model.efforts or ("yes",)) if model.reasoning else "no"


def _tokens(count: int | None) -> str:
    return UNKNOWN if count is None else f"{count:,}"


def _price(cost: Cost | None) -> str:
    return UNKNOWN if cost is None else f"{cost.input:f} / {cost.output:f}"


def hidden_summary(hidden: Iterable[Hidden]) -> str:
    """How many entries are not offered, by reason: ``3 hidden: 2 mode:embedding, 1 sentinel:wildcard``."""
    reasons = Counter(entry.reason for entry in hidden)
    counts = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    return f"{reasons.total()} hidden: {counts}" if reasons else ""
