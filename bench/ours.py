"""The situations of our entries and our plugin, which are the same for every agent."""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tool import discover

from bench.agents import NOTHING, SIZES, Situation, variables
from bench.installed import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.agents import Addresses, Agent

IDLE = "a plugin that does nothing"

_LINE = 'const COMMAND = ["litellm-discover"];\n'

# Leaves a note when the plugin starts the command and one when that has ended: nobody else waits for a refresh.
_NOTED = 'echo >>"$0/started"; "$@"; echo >>"$0/ended"'
_LIMIT_S = 15

_FRESH_S, _OLD_S = 0, 3600

KEPT = f"{SIZES[-1]} models remembered"
FORGOTTEN = "nothing remembered"


def entries(models: int) -> str:
    """The name of a situation: with the models in the agent's file."""
    return f"our entries, {models} models"


def remembered(models: int) -> str:
    """With a snapshot of this moment."""
    return f"our plugin, {models} models remembered"


def asked(models: int) -> str:
    """Without a snapshot, so the proxy is asked."""
    return f"our plugin, {models} models, {FORGOTTEN}"


def unanswered(port: str, what: str = FORGOTTEN) -> str:
    """``port`` is closed or silent."""
    return f"our plugin, {port} port, {what}"


def situations(new: Callable[[Path], Agent], at: Addresses, folder: Path) -> list[Situation]:
    """All of them, beginning with the bare agent."""
    kept = {size: _snapshot(new(folder / str(size)), url) for size, url in at.proxies.items()}
    many = SIZES[-1]
    found = [
        Situation(NOTHING, at.closed),
        Situation(IDLE, at.closed, give=lambda agent: agent.add(agent.idle)),
        *(Situation(entries(size), url, size, give=_writer(url)) for size, url in at.proxies.items()),
        *(_with_snapshot(remembered(size), url, size, kept[size], _FRESH_S) for size, url in at.proxies.items()),
        *(_without_snapshot(asked(size), at.proxies[size], size) for size in SIZES),
    ]
    for port, url in (("closed", at.closed), ("silent", at.silent)):
        found += [
            _with_snapshot(unanswered(port, KEPT), url, many, kept[many], _FRESH_S),
            _with_snapshot(unanswered(port, f"{KEPT} an hour ago"), url, many, kept[many], _OLD_S),
            _without_snapshot(unanswered(port), url, 0),
        ]
    return found


def _writer(url: str) -> Callable[[Agent], None]:
    def write(agent: Agent) -> None:
        done = discover("--write", agent.target, root=agent.root, env=variables(agent, url))
        if done.returncode:
            raise AssertionError(f"--write {agent.target}: {done.stderr}")

    return write


def _snapshot(agent: Agent, url: str) -> str:
    """What the command remembers for this agent after an answer of the proxy."""
    done = discover("--json", "--for", agent.target, root=agent.root, env=variables(agent, url))
    if done.returncode:
        raise AssertionError(f"--json --for {agent.target}: {done.stderr}")
    return _place(agent).read_text("utf-8")


def _with_snapshot(name: str, url: str, models: int, text: str, age_s: int) -> Situation:
    made = json.loads(text)["generatedAt"]

    def before(agent: Agent) -> None:
        _forget(agent)
        now = (datetime.now(UTC) - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%SZ")
        _place(agent).parent.mkdir(parents=True)
        _place(agent).write_text(text.replace(made, now, 1), "utf-8")

    after = _expect_refresh if age_s else _expect_no_call
    return Situation(name, url, models, give=_install, before=before, after=after)


def _without_snapshot(name: str, url: str, models: int) -> Situation:
    return Situation(name, url, models, give=_install, before=_forget, after=_expect_call)


def _install(agent: Agent) -> None:
    """The plugin with its command replaced, as an installer does it."""
    script = (ROOT / "plugin_shim" / agent.target / "litellm-discover.js").read_text("utf-8")
    if script.count(_LINE) != 1:
        raise AssertionError(f"the line of the command is not in {agent.target}'s plugin")
    command = ["/bin/sh", "-c", _NOTED, str(agent.root), sys.executable, "-P", "-m", "litellm_discover"]
    agent.add(script.replace(_LINE, f"const COMMAND = {json.dumps(command)};\n"))


def _place(agent: Agent) -> Path:
    return agent.root / "cache" / "litellm-discover" / "litellm" / f"{agent.target}.json"


def _forget(agent: Agent) -> None:
    shutil.rmtree(agent.root / "cache" / "litellm-discover", ignore_errors=True)
    for note in _notes(agent):
        note.unlink(missing_ok=True)


def _notes(agent: Agent) -> tuple[Path, Path]:
    return agent.root / "started", agent.root / "ended"


def _expect_no_call(agent: Agent) -> None:
    if _notes(agent)[0].exists():
        raise AssertionError("the command was started beside a snapshot that is new enough")


def _expect_call(agent: Agent) -> None:
    if not _notes(agent)[0].exists():
        raise AssertionError("the command was not started")


def _expect_refresh(agent: Agent) -> None:
    """Wait until it has ended, so that it disturbs no other case."""
    deadline = time.monotonic() + _LIMIT_S
    while not all(note.exists() for note in _notes(agent)):
        if time.monotonic() > deadline:
            raise AssertionError("the refresh was not started, or did not end")
        time.sleep(0.05)
