"""``litellm-discover undo``: the bytes from before our last write."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from litellm_discover import app
from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from litellm_discover.cli.output import Output

# No proxy is asked; the time is for a lock that somebody else holds.
SECONDS = 4.0


def run(target: str, output: Output) -> None:
    """Undo the last write to one target. Raises ConfigError when it cannot be undone."""
    names = app.target_names(["all"])
    if target not in names:
        raise UsageError("there is no target of that name", hint=f"Targets: {', '.join(names)}.")
    places = app.Places(Path.home(), os.environ)
    done = app.undo(target, places, app.Deadline(time.monotonic() + SECONDS))
    for path in done.paths:
        output.say(f"{target}: {path} is as it was before the last write")
    if done.errors:
        output.failures(done.errors)
        raise typer.Exit(done.errors[0].exit_status)
