"""The program: its options, and what they set going."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer

from litellm_discover import __version__
from litellm_discover.cli import completion
from litellm_discover.cli.arguments import with_target
from litellm_discover.cli.commands import Program
from litellm_discover.cli.options import DefaultModel, Globs, InsecureHttp, Port, SmallModel, Timeout, Url, variable
from litellm_discover.cli.output import Output
from litellm_discover.settings import Flags, NamesOption, ResponsesStyle, TransportOption

app = typer.Typer(
    cls=Program,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"litellm-discover {__version__}")
        raise typer.Exit


def _outranked(context: typer.Context, name: str, by: str) -> bool:
    """Whether an option from the environment has to give way to another one that is on the command line."""
    sources = [getattr(context.get_parameter_source(option), "name", None) for option in (name, by)]
    return sources == ["ENVIRONMENT", "COMMANDLINE"]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    url: Url = None,
    port: Port = None,
    timeout: Timeout = None,
    insecure_http: InsecureHttp = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")] = False,
    for_target: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="TARGET",
            autocompletion=completion.targets,
            help="With --json: only this tool's configuration. [all]",
        ),
    ] = None,
    write: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[TARGET]",
            autocompletion=completion.targets,
            help="Add the models to this tool's configuration: opencode, pi or all; repeatable. "
            "Alone: to those of write in config.toml.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --write: show the diff, write nothing.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With --write: exit 4 if something would change, write nothing.")
    ] = False,
    no_prune: Annotated[
        bool, typer.Option("--no-prune", help="With --write: keep entries of ours that the proxy no longer has.")
    ] = False,
    default_model: DefaultModel = None,
    small_model: SmallModel = None,
    include: Annotated[Globs, typer.Option(metavar="GLOB", help="Only models whose id matches; repeatable.")] = None,
    exclude: Annotated[Globs, typer.Option(metavar="GLOB", help="No models whose id matches; repeatable.")] = None,
    max_age: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Be content with what the proxy said that recently."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask nobody: use what the proxy said last, however old.")
    ] = False,
    transport: Annotated[
        TransportOption | None,
        typer.Option(envvar=variable("TRANSPORT"), help="Route for all models, instead of the one for each. [auto]"),
    ] = None,
    responses_style: Annotated[
        ResponsesStyle | None,
        typer.Option(
            help="Models on /v1/responses: in a provider of their own, or each marked as such. "
            "[opencode: sibling, pi: per-model]"
        ),
    ] = None,
    names: Annotated[
        NamesOption | None,
        typer.Option(
            envvar=variable("NAMES"),
            help="Names of models: official ones where known, formatted ids, or the ids themselves. [catalog]",
        ),
    ] = None,
    registry: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            envvar=variable("REGISTRY"),
            help="Your registry of models. [ai_models.yaml beside config.toml]",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No notes on stderr.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what was looked at and decided.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour, on terminals either.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find the LiteLLM proxy, show what its models are, and add them to your coding agents.

    Without options: a table of the models. The key is read from LITELLM_API_KEY, LITELLM_PROXY_KEY or
    LITELLM_MASTER_KEY, or from what your tools already have.
    """
    if context.invoked_subcommand:
        return

    from litellm_discover.cli.discover import Wanted, run

    flags = Flags(
        url=None if _outranked(context, "url", by="port") else url,
        ports=() if _outranked(context, "port", by="url") else tuple(port or ()),
        timeout=timeout,
        transport=transport,
        responses_style=responses_style,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        insecure_http=insecure_http,
        max_age=max_age,
        offline=offline,
        names=names,
        registry=registry,
    )
    output = Output(as_json=json, quiet=quiet, verbose=verbose, color=not no_color)
    wanted = Wanted(tuple(write or ()), for_target, dry_run, check, not no_prune, default_model, small_model)
    with output.reporting():
        run(flags, wanted, output, started=context.obj)


def main(arguments: list[str] | None = None, *, started: float | None = None) -> int:
    """Run the program; gives its exit status.

    The time that a run may take is counted from ``started`` on the monotonic clock, or from here.
    """
    try:
        app(
            with_target(sys.argv[1:] if arguments is None else arguments),
            obj=time.monotonic() if started is None else started,
            prog_name="litellm-discover",
        )
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0
