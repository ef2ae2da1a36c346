"""``litellm-discover daemon``: what the proxy offers is what the agents have, without anyone running anything."""

from __future__ import annotations

import json as json_module
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from litellm_discover.cli.output import Output, emit, models, now
from litellm_discover.errors import ConfigError

if TYPE_CHECKING:
    from litellm_discover.app import Deadline, Places

SECONDS = 4.0
_STOP_SECONDS = 3.0
_NOT_RUNNING = 1

app = typer.Typer(name="daemon", add_completion=False, rich_markup_mode=None)


@app.callback()
def daemon() -> None:
    """Keep the agents up to date while the proxy changes: watch it, and write what it offers."""


@app.command()
def run(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more than changes.")] = False,
    log: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Say it in this file, which stays small; not on stderr.")
    ] = None,
) -> None:
    """Watch the proxy until this is ended, and keep the targets of write in config.toml up to date."""
    from litellm_discover import app as use_cases

    output = Output(verbose=verbose)
    use_cases.watchdog.stop()
    with output.reporting():
        if sys.platform == "win32":
            raise ConfigError("the daemon does not run on Windows", hint="The hook does: litellm-discover hook pwsh")
        say = output.say if log is None else _into(log)
        places, _ = _setting()
        use_cases.run_daemon(places, say, say if verbose else output.detail)


@app.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")] = False,
) -> None:
    """Say whether the daemon runs, and what it sees. Exit status 1 when it does not run."""
    from litellm_discover import app as use_cases

    places, _ = _setting()
    running, state = use_cases.daemon_state(places)
    if json:
        names = {"pid", "since", "targets", "proxies"} if running else set()
        emit({"schemaVersion": 1, "running": running, **{name: state[name] for name in state if name in names}})
    else:
        typer.echo("\n".join(_lines(state) if running else ["the daemon does not run"]))
    if not running:
        raise typer.Exit(_NOT_RUNNING)


@app.command()
def stop() -> None:
    """End the daemon, and wait until it is gone."""
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        places, _ = _setting()
        ended = use_cases.stop_daemon(places, _STOP_SECONDS)
        output.say("the daemon has ended" if ended else "the daemon does not run")


@app.command()
def install(
    environment_file: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="A file of yours with LITELLM_API_KEY=…; nobody else may read it."),
    ] = None,
) -> None:
    """Have the daemon started at each login, by systemd or launchd. No key is written there."""
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        places, deadline = _setting()
        _say_done(use_cases.install_daemon(places, deadline, key_file=environment_file), output)


@app.command()
def uninstall() -> None:
    """Take that back."""
    from litellm_discover import app as use_cases

    output = Output()
    with output.reporting():
        _say_done(use_cases.uninstall_daemon(*_setting()), output)


@app.command(hidden=True)
def once(context: typer.Context, proxy: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """What the daemon starts for each refresh of a proxy: do the work, and print what was done."""
    from litellm_discover import app as use_cases

    places, _ = _setting()
    seconds = use_cases.watchdog.DEFAULT_SECONDS
    deadline = use_cases.Deadline(context.obj + use_cases.watchdog.soft_seconds(seconds))
    with Output().reporting():
        sys.stdout.write(json_module.dumps(use_cases.keep(proxy, places, deadline).to_document()))


def _say_done(done: Any, output: Output) -> None:
    output.say(f"{done.did} {done.path}")
    if done.left:
        output.say("not done, because no service manager of yours answers; when it does:")
    for command in done.left:
        output.say(f"  {' '.join(command)}")


def _lines(state: dict[str, Any]) -> list[str]:
    targets = ", ".join(state.get("targets", [])) or "none: config.toml has no write"
    lines = [f"running since {_moment(state.get('since'))}, process {state.get('pid')}", f"targets: {targets}"]
    for proxy in state.get("proxies", []):
        lines += [f"{proxy['id']}: {', '.join(_standing(proxy))}"]
        if trouble := proxy["trouble"]:
            lines += [f"  since {_moment(trouble['since'])}: {trouble['message']}"]
    return lines


def _standing(proxy: dict[str, Any]) -> list[str]:
    known = [models(proxy["models"])] if proxy["models"] is not None else []
    writes = f"{proxy['writes']} file{'' if proxy['writes'] == 1 else 's'} written"
    if proxy["address"]:
        return [f"answers at {proxy['address']} since {_moment(proxy['since'])}", "next look in 6 s", *known, writes]
    last = [f"last good {_moment(proxy['lastGood'])}"] if proxy["lastGood"] else []
    return ["silent", *last, "next look within 9 s", *known, writes]


def _moment(seconds: float | None) -> str:
    if seconds is None:
        return "just now"
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _into(path: Path) -> Any:
    from litellm_discover.app import append_to_log

    return lambda line: append_to_log(path, f"{now()} {line}")


def _setting() -> tuple[Places, Deadline]:
    from litellm_discover.app import Deadline, Places

    return Places(Path.home(), os.environ), Deadline(time.monotonic() + SECONDS)
