"""Commands that look and tell, and change nothing of a tool: ``explain``, ``doctor``, ``report``, ``probe-cache``."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from litellm_discover.cli.options import InsecureHttp, Timeout, Url  # noqa: TC001 - typer reads the annotations
from litellm_discover.cli.output import Output
from litellm_discover.settings import Flags, flags_in

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def explain(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The id of a model, as the proxy lists it.")],
    url: Url = None,
    timeout: Timeout = None,
    insecure_http: InsecureHttp = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: explain what is remembered.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")] = False,
) -> None:
    """Show where each statement about a model comes from, and what each agent gets of it."""
    from litellm_discover.cli.explain import run

    output = Output(as_json=json)
    flags = Flags(url=url, timeout=timeout, insecure_http=insecure_http, offline=offline)
    with output.reporting():
        run(model, flags, output, started=context.obj)


@app.command()
def doctor(
    context: typer.Context,
    url: Url = None,
    timeout: Timeout = None,
    insecure_http: InsecureHttp = False,
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write it there for a bug report, without keys, hosts and models."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a list.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour, on terminals either.")] = False,
) -> None:
    """Look at everything that has to work, and say what is wrong and what to do, the most urgent first.

    Exit status 1 when something does not work. Writes to no configuration.
    """
    from litellm_discover.cli.doctor import run

    output = Output(as_json=json, color=not no_color)
    flags = replace(flags_in(os.environ), url=url, timeout=timeout, insecure_http=insecure_http)
    with output.reporting():
        run(flags, bundle, output, started=context.obj)


@app.command()
def report(
    context: typer.Context,
    page: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where to write it; - is the standard output.")
    ] = Path("litellm-discover-report.html"),
    url: Url = None,
    timeout: Timeout = None,
    insecure_http: InsecureHttp = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: show what is remembered.")] = False,
) -> None:
    """Write one HTML page of what the agents see: sortable, searchable, with the source of each value.

    It replaces an earlier report, and no other file. Writes to no configuration.
    """
    from litellm_discover.cli.report import run

    output = Output()
    flags = replace(flags_in(os.environ), url=url, timeout=timeout, insecure_http=insecure_http, offline=offline)
    with output.reporting():
        run(page, flags, output, started=context.obj)


@app.command("probe-cache")
def probe_cache(
    context: typer.Context,
    models: Annotated[list[str], typer.Argument(metavar="MODEL…", help="The ids of models, as the proxy lists them.")],
    url: Url = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before something is sent that costs.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=1, max=600, help="Seconds for each request to a model.")
    ] = 30,
    insecure_http: InsecureHttp = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a list.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour, on terminals either.")] = False,
) -> None:
    """Ask models a few long questions to see whether prompt caching works, and what it saves.

    It costs money: says how much at most, and asks. Exit status 1 when a model could not be judged.
    """
    from litellm_discover.cli.probe_cache import Wanted, run

    output = Output(as_json=json, color=not no_color)
    flags = replace(flags_in(os.environ), url=url, insecure_http=insecure_http)
    with output.reporting():
        run(flags, Wanted(tuple(dict.fromkeys(models)), yes=yes, seconds=timeout), output, started=context.obj)
