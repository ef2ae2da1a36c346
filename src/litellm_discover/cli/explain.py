"""``explain``: what is known of one model, from where, and what each agent gets of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover import app
from litellm_discover.cli.output import Output, emit, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.settings import Flags

# In the order of the table; what is absent is unknown.
_FIELDS = (
    *("name", "owner", "mode", "transport", "reasoning", "efforts", "input", "output", "toolCall"),
    *("limit", "cost", "deprecated", "parameters"),
)
_UNKNOWN = "unknown"


def run(model_id: str, flags: Flags, output: Output, *, started: float) -> None:
    """Explain one model. Raises DiscoverError."""
    places = app.Places(Path.home(), os.environ)
    settings, notices = app.settings_for(flags, places)
    deadline = app.Deadline(started + app.watchdog.soft_seconds(settings.timeout))
    explanation = app.explain(model_id, settings, places, deadline)
    notices = (*notices, *explanation.findings.notices)
    if output.as_json:
        emit(app.explanation(explanation, notices, generated_at=now()))
        return
    for explained in explanation.explained:
        _show(explained, output, several=len(explanation.explained) > 1)
    _show_targets(explanation.targets, output)
    output.notices(notices)
    output.failures(explanation.findings.errors)


def _show(explained: app.Explained, output: Output, *, several: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    def table(title: str, rows: Iterable[tuple[str, ...]], *headings: str) -> None:
        found = Table(title=Text(title), title_justify="left", box=None, pad_edge=False)
        for heading in headings:
            found.add_column(heading, overflow="fold")
        for row in rows:
            found.add_row(*map(Text, row))
        console.print(found)

    console = output.console()
    proxy = explained.discovery.catalog.proxy.id
    fields = app.model_fields(explained.model, proxy)
    title = f"{proxy}/{explained.model.id}" if several else explained.model.id
    table(title, _rows(fields, explained), "field", "value", "from", "because")
    console.print()
    if explained.statements:
        stated = ((statement.source, _text(statement.fields) or "nothing") for statement in explained.statements)
        table("what each of them says, the highest first", stated, "source", "fields")
    else:
        console.print(Text("remembered only: ask the proxy (without --offline) for what each source says"))
    if several:
        console.print()


def _show_targets(targets: Mapping[str, JsonValue], output: Output) -> None:
    from rich.text import Text

    console = output.console()
    for name, fragment in targets.items():
        console.print()
        console.print(Text(f"what {name} gets"))
        console.print(Text(json.dumps(fragment, indent=2, ensure_ascii=False)))


def _rows(fields: Mapping[str, JsonValue], explained: app.Explained) -> Iterable[tuple[str, ...]]:
    for name in _FIELDS:
        source = explained.model.sources.get(name, "")
        yield name, _text(fields[name]) if name in fields else _UNKNOWN, source, explained.rules.get(source, "")


def _text(value: object) -> str:
    """A value as a person reads it: ``context=200000 output=64000``."""
    if isinstance(value, dict):
        return " ".join(f"{name}={_text(item)}" for name, item in value.items())
    if isinstance(value, list):
        return " ".join(map(_text, value)) if all(isinstance(item, str) for item in value) else json.dumps(value)
    return value if isinstance(value, str) else json.dumps(value)
