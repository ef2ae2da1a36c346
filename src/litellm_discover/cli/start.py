"""``run``, ``hook`` and what stands behind them: an agent starts at once, with what is known of the proxy."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover import app
from litellm_discover.errors import DiscoverError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Only a start with nothing remembered waits, and no longer than this for the proxy.
SECONDS = 1.5
_NOT_FOUND, _NOT_STARTED = 127, 126


def ready(target: str, tell: Callable[[str], None], *, started: float) -> None:
    """Make one target ready. Whatever goes wrong is told only to who asks for more. Raises UsageError."""
    app.watchdog.limit(SECONDS)
    if target not in app.target_names(["all"]):
        raise UsageError("there is no target of that name", hint=f"Targets: {', '.join(app.target_names(['all']))}.")
    deadline = app.Deadline(started + app.watchdog.soft_seconds(SECONDS))
    try:
        app.make_ready(target, app.Places(Path.home(), os.environ), deadline)
    except DiscoverError as error:
        tell(f"{target} starts as it is: {error.message}")


def refresh(targets: Sequence[str], *, started: float) -> None:
    """Renew what is remembered, and these targets. Raises DiscoverError."""
    seconds = app.watchdog.DEFAULT_SECONDS
    deadline = app.Deadline(started + app.watchdog.soft_seconds(seconds))
    app.refresh(app.target_names(targets), app.Places(Path.home(), os.environ), deadline)


def run(command: Sequence[str], tell: Callable[[str], None], *, started: float) -> None:
    """Make the tool ready, then become it. What keeps it from being made ready never keeps it from starting."""
    name = Path(command[0]).name
    if name in app.target_names(["all"]):
        with suppress(Exception):
            ready(name, tell, started=started)
    app.watchdog.stop()
    try:
        os.execvp(command[0], [*command])  # noqa: S606 - without a shell is what is wanted
    except OSError as error:
        import typer

        typer.echo(f"error: {command[0]} cannot be started: {error.strerror}", err=True)
        status = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_STARTED
        raise typer.Exit(status) from None


def hook(shell: str) -> None:
    """Print the functions that make each tool ready before it starts. Raises UsageError."""
    if shell not in HOOKS:
        raise UsageError("there is no hook for that shell", hint=f"Shells: {', '.join(HOOKS)}.")
    import typer

    program = str(Path(sys.argv[0]).absolute())
    typer.echo("\n".join(HOOKS[shell](name, program) for name in app.target_names(["all"])))


def _posix(name: str, program: str) -> str:
    program = shlex.quote(program)
    return f'{name}() {{ [ -x {program} ] && {program} ready {name}; command {name} "$@"; }}'


def _fish(name: str, program: str) -> str:
    program = "'" + program.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f"function {name} --wraps {name}; test -x {program}; and {program} ready {name}; command {name} $argv; end"


def _powershell(name: str, program: str) -> str:
    program = "'" + program.replace("'", "''") + "'"
    tool = f"(Get-Command -CommandType Application {name} | Select-Object -First 1)"
    return f"function {name} {{ if (Test-Path {program}) {{ & {program} ready {name} }}; & {tool} @args }}"


HOOKS: dict[str, Callable[[str, str], str]] = {"bash": _posix, "zsh": _posix, "fish": _fish, "pwsh": _powershell}
