"""``litellm-discover shim``: the plugins for tools whose configuration may not be written."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from litellm_discover.cli import completion
from litellm_discover.cli.output import Output
from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from litellm_discover.app import Deadline, Places

# No proxy is asked; the time is for a lock that somebody else holds.
SECONDS = 4.0

app = typer.Typer(name="shim", add_completion=False, rich_markup_mode=None)

Target = Annotated[str, typer.Argument(metavar="TARGET", autocompletion=completion.tools, help="opencode or pi")]


@app.callback()
def shim() -> None:
    """Add the models in memory, by a plugin inside the tool: for a configuration that may not be written."""


@app.command()
def install(target: Target) -> None:
    """Put the plugin where the tool finds it.

    For OpenCode also what keeps it from an npm install at its start. A file that you have is not replaced. After an
    update of litellm-discover: once more.
    """
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        done = use_cases.install(_known(target, use_cases.shims()), *_setting())
        for step in done.steps:
            output.say(f"{target}: {step.did} {step.path}")
        if not done.steps:
            output.say(f"{target}: already installed ({done.path})")
        output.notices(done.notices)


@app.command()
def uninstall(target: Target) -> None:
    """Take away what install made, as far as nobody changed it since."""
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        done = use_cases.uninstall(_known(target, use_cases.shims()), *_setting())
        for step in done.steps:
            output.say(f"{target}: {step.did} {step.path}")
        if not done.steps:
            output.say(f"{target}: nothing to take away")
        for left in done.left:
            output.say(f"{target}: left {left.path}: {left.reason}")


def _known(target: str, names: tuple[str, ...]) -> str:
    if target not in names:
        raise UsageError("there is no plugin for a tool of that name", hint=f"Targets: {', '.join(names)}.")
    return target


def _setting() -> tuple[Places, Deadline]:
    from litellm_discover.app import Deadline, Places

    return Places(Path.home(), os.environ), Deadline(time.monotonic() + SECONDS)
