"""``report``: one page of HTML with everything that was found."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import __version__, app
from litellm_discover.cli.discover import discover
from litellm_discover.cli.output import Output, models, moment

if TYPE_CHECKING:
    from litellm_discover.settings import Flags

STDOUT = Path("-")


def run(path: Path, flags: Flags, output: Output, *, started: float) -> None:
    """Discover, and write the page. Raises DiscoverError, and typer.Exit when a proxy gave nothing."""
    places = app.Places(Path.home(), os.environ)
    settings, notices = app.settings_for(flags, places)
    app.watchdog.limit(settings.timeout)
    findings, started = discover(settings, places, output, started)
    result = app.Result(findings, (*notices, *findings.notices), findings.errors)
    page = app.report(result, settings, places, version=__version__, taken_at=moment(findings.taken_at or time.time()))
    if path == STDOUT:
        typer.echo(page.content, nl=False)
    else:
        typer.echo(page.keep(path, places, app.Deadline(started + 0.9 * settings.timeout)))
    output.say(f"a report of {models(sum(len(catalog.models) for catalog in findings.catalogs))}")
    output.notices(result.notices)
    if findings.errors:
        output.failures(findings.errors)
        raise typer.Exit(findings.errors[0].exit_status)
