"""``doctor``: what is wrong, and what to do about it first."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import __version__, app
from litellm_discover.cli.output import Output, emit, now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.core.checkup import Finding
    from litellm_discover.settings import Flags

_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}
_BROKEN = 1


def run(flags: Flags, bundle: Path | None, output: Output, *, started: float) -> None:
    """Look at everything and say it. Raises typer.Exit when something does not work."""
    places = app.Places(Path.home(), os.environ)
    found = app.check(flags, places, __version__, started=started)
    generated_at = now()
    kept = found.keep(bundle, places, generated_at=generated_at) if bundle else found
    if output.as_json:
        emit(kept.document(generated_at=generated_at))
    else:
        _show(kept.findings, output)
    if bundle and kept is found:
        output.say(f"wrote {bundle}: look at it before you send it")
    if any(each.severity == "error" for each in kept.findings):
        raise typer.Exit(_BROKEN)


def _show(findings: Sequence[Finding], output: Output) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in findings:
        style = _STYLES[each.severity]
        said = f"{each.message}\n→ {each.hint}" if each.hint else each.message
        table.add_row(Text(each.severity, style), Text(f"{each.area} {each.about}".strip()), Text(said))
    output.console().print(table)
    counts = Counter(each.severity for each in findings)
    output.say(f"{_many(counts['error'], 'error')}, {_many(counts['warning'], 'warning')}")


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
