"""``litellm-discover catalog``: one truth about models for many machines."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from litellm_discover.cli.output import Output, emit, models, now
from litellm_discover.errors import DiscoverError
from litellm_discover.settings import flags_in

app = typer.Typer(name="catalog", add_completion=False, rich_markup_mode=None)

SECONDS = 20.0

CATALOG_WRONG = 1


def _limited(seconds: float) -> float:
    from litellm_discover.app import watchdog

    watchdog.limit(seconds)
    return seconds


Timeout = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=0.1, max=60, callback=_limited, help="Seconds for the whole run."),
]
Insecure = Annotated[
    bool, typer.Option("--insecure-http", help="Allow http:// to another machine: anybody on the way can change it.")
]


@app.callback()
def catalog() -> None:
    """Publish what is known of models as static files, check such files, and fetch those of others."""


@app.command()
def build(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="An empty folder, a new one, or one with a catalog.")
    ],
    registry: Annotated[str | None, typer.Option(metavar="FILE", help="Your registry of models, on top.")] = None,
    from_proxy: Annotated[bool, typer.Option("--from-proxy", help="Add what your proxy states of its models.")] = False,
    timeout: Timeout = SECONDS,
) -> None:
    """Write the catalogs that come with this program, and what you know better, as files for any web server.

    Equal content gives equal bytes, and what has not changed is not written.
    """
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        places = use_cases.Places(Path.home(), os.environ)
        flags = flags_in(places.variables)
        flags = replace(flags, registry=registry or flags.registry, timeout=timeout)
        deadline = use_cases.Deadline(context.obj + use_cases.watchdog.soft_seconds(timeout))
        done = use_cases.publish_catalog(directory, flags, places, deadline, from_proxy=from_proxy)
        listed = done.manifest.providers
        output.notices(done.notices)
        changed = f"{done.changed} file{'' if done.changed == 1 else 's'} changed"
        count = models(sum(entry.models for entry in listed.values()))
        output.say(f"{directory}: {count} of {len(listed)} providers, {changed}")


@app.command()
def verify(
    context: typer.Context,
    where: Annotated[str, typer.Argument(metavar="DIR|URL", help="A folder with a catalog, or its address.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    insecure_http: Insecure = False,
    timeout: Timeout = SECONDS,
) -> None:
    """Look at every file of a catalog: whether it is whole and as listed, and each field of it understood.

    What is wrong is printed, one a line; then the exit status is 1.
    """
    from litellm_discover import app as use_cases

    output = Output(as_json=as_json)
    with output.reporting():
        places = use_cases.Places(Path.home(), os.environ)
        deadline = use_cases.Deadline(context.obj + use_cases.watchdog.soft_seconds(timeout))
        checked = use_cases.verify_catalog(where, places, deadline, insecure_http=insecure_http)
        if as_json:
            status = "error" if checked.problems else "ok"
            counts = {"providers": checked.providers, "models": checked.models}
            document = {"schemaVersion": 1, "status": status, "generatedAt": now(), **counts}
            emit({**document, "problems": list(checked.problems)})
        for problem in () if as_json else checked.problems:
            typer.echo(problem)
        if checked.problems:
            raise typer.Exit(CATALOG_WRONG)
        if not as_json:
            output.say(f"{where}: {models(checked.models)} of {checked.providers} providers, nothing wrong")


@app.command()
def fetch(
    context: typer.Context,
    providers: Annotated[list[str] | None, typer.Argument(metavar="[PROVIDER…]", help="Like openai. [all]")] = None,
    insecure_http: Insecure = False,
    timeout: Timeout = SECONDS,
) -> None:
    """Fetch the remote catalogs of your configuration now, however recent what is here is."""
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        places = use_cases.Places(Path.home(), os.environ)
        flags = replace(flags_in(places.variables), timeout=timeout)
        flags = replace(flags, insecure_http=flags.insecure_http or insecure_http)
        deadline = use_cases.Deadline(context.obj + use_cases.watchdog.soft_seconds(timeout))
        done = use_cases.fetch_catalogs(providers or (), flags, places, deadline)
        for held in done.held:
            output.say(f"{held.name}: {held.here} of {held.listed} providers are here")
        output.notices(done.notices)
        output.failures(DiscoverError(problem.message, code=problem.code) for problem in done.problems)
        if done.problems:
            raise typer.Exit(CATALOG_WRONG)
