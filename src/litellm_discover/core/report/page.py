"""The page as a whole."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from string import Template
from typing import TYPE_CHECKING

from litellm_discover.core.report.agents import Agents
from litellm_discover.core.report.alike import alike
from litellm_discover.core.report.details import Details
from litellm_discover.core.report.html import Html, joined, tag, text
from litellm_discover.core.report.models import Listed, hidden_summary, hidden_table, models_table
from litellm_discover.core.report.plot import plot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from litellm_discover.core.envelope import Answered
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Notice
    from litellm_discover.errors import DiscoverError

BEGINNING = "<!doctype html>\n<!-- litellm-discover report -->\n"
"""How every report begins: so that one can be replaced and nothing else is."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The files that a page is made of: its frame, how it looks, and what makes it sort and search."""

    frame: str
    style: str
    script: str


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to tell, by which version of this program, and when the proxies said it: UTC, RFC 3339."""

    answered: Sequence[Answered]
    targets: Mapping[str, JsonValue]
    notices: Sequence[Notice]
    errors: Sequence[DiscoverError]
    version: str
    taken_at: str


def render(report: Report, parts: Parts) -> str:
    """One HTML page that loads nothing, and that runs nothing but its own script."""
    catalogs = [each.catalog for each in report.answered]
    models = [(catalog.proxy.id, model) for catalog in catalogs for model in catalog.models]
    marks = alike([model for _, model in models])
    listed = [Listed(proxy, model, mark) for (proxy, model), mark in zip(models, marks, strict=True)]
    agents = Agents(report.targets)
    details = Details(agents)
    hidden = sum(len(catalog.hidden) for catalog in catalogs)
    return BEGINNING + Template(parts.frame).substitute(
        policy=text(_policy(parts)),
        style=parts.style,
        script=parts.script,
        version=text(report.version),
        taken=tag("time", _readable(report.taken_at), datetime=report.taken_at),
        proxies=joined(map(_proxy, report.answered)),
        counts=_counts(listed, hidden),
        notices=_notices(report.notices, report.errors),
        agents=agents.table(),
        plot=plot(listed),
        models=models_table(listed, details, several=len(catalogs) > 1),
        hidden=hidden_table(catalogs) if hidden else tag("p", "Nothing is hidden.", class_="quiet"),
        reasons=text(hidden_summary(catalogs)),
        details=details.tables(),
    )


def _policy(parts: Parts) -> str:
    """Nothing but this very style and this very script counts, whatever else gets into the page."""
    style, script = (b64encode(sha256(part.encode()).digest()).decode() for part in (parts.style, parts.script))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _readable(taken_at: str) -> str:
    return f"{taken_at[:10]} {taken_at[11:16]} UTC"


def _proxy(answered: Answered) -> Html:
    proxy = answered.catalog.proxy
    said = [tag("strong", proxy.id), tag("code", proxy.base_url)]
    said.append(text(f"LiteLLM {proxy.version}" if proxy.version else "version unknown"))
    said.append(text(f"{len(answered.catalog.models):,} models"))
    if answered.stale_seconds is not None:
        said.append(tag("span", "silent now; this is what it offered last", class_="mark ends"))
    if not answered.catalog.complete:
        said.append(tag("span", "not all could be had", class_="mark ends"))
    return tag("li", joined(said, " · "))


def _counts(listed: Sequence[Listed], hidden: int) -> Html:
    counts = (
        ("models", len(listed)),
        ("without price or context", sum(each.unknown for each in listed)),
        ("with the name of another", sum(any("name" in mark for mark in each.marks) for each in listed)),
        ("that end on a known date", sum(each.model.deprecated is not None for each in listed)),
        ("hidden entries", hidden),
    )
    return joined(tag("div", tag("dd", f"{count:,}"), tag("dt", what)) for what, count in counts)


def _notices(notices: Iterable[Notice], errors: Iterable[DiscoverError]) -> Html:
    said = [tag("li", tag("strong", "error: "), f"{error.message}. {error.hint}", class_="error") for error in errors]
    said += [tag("li", notice.message) for notice in notices]
    return tag("ul", *said, class_="notices") if said else Html()
