"""The commands around the start of an agent."""

from __future__ import annotations

from typing import Annotated

import typer

from litellm_discover.cli import completion
from litellm_discover.cli.output import Output

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(context_settings={"ignore_unknown_options": True})
def run(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND…", help="opencode or pi, with its arguments.")],
) -> None:
    """Start an agent, with the models that the proxy offered last; renew them in the background.

    Never delays the start by more than a second and a half, and by nothing once something is remembered.
    """
    from litellm_discover.cli.start import run as start

    output = Output()
    with output.reporting():
        start(command, output.detail, started=context.obj)


@app.command()
def hook(
    shell: Annotated[
        str, typer.Argument(metavar="bash|zsh|fish|pwsh", autocompletion=completion.shells, help="Your shell.")
    ],
) -> None:
    """Print shell functions that do what run does whenever you start an agent.

    For bash, in ~/.bashrc: eval "$(litellm-discover hook bash)"
    """
    from litellm_discover.cli.start import hook as show

    with Output().reporting():
        show(shell)


@app.command(hidden=True)
def ready(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="TARGET")],
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say why nothing was done.")] = False,
) -> None:
    """What the hook calls: make one tool ready, without waiting for the proxy."""
    from litellm_discover.cli.start import ready as prepare

    output = Output(verbose=verbose)
    with output.reporting():
        prepare(target, output.detail, started=context.obj)


@app.command(hidden=True)
def refresh(
    context: typer.Context, targets: Annotated[list[str] | None, typer.Argument(metavar="[TARGET…]")] = None
) -> None:
    """What the hook and the shims start in the background: ask the proxy and remember what it says."""
    from litellm_discover.cli.start import refresh as renew

    with Output().reporting():
        renew(targets or (), started=context.obj)
