"""What OpenCode's start costs with our entries, with our plugin, and with the peer's."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import opencode as tests

from bench import installed, ours
from bench.agents import NOTHING, SIZES, Situation, beside, listing, port_of, results, share, summary
from bench.proxy import proxy
from bench.report import Promise, Section

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from children import End

    from bench.agents import Addresses, Agent, Result

_PEER = "opencode-plugin-litellm"
_MANY = SIZES[-1]

# Of two starts on two cores that do the same, one takes a tenth longer than the other as often as not.
_OFTEN = 24

_READS = re.compile(r"^timestamp=(\S+) .*message=loading path=", re.MULTILINE)

_TEXT = f"""\
`opencode models --print-logs`. *Added* is against OpenCode with no configuration ("{NOTHING}"), and counts from where
OpenCode begins to read its configuration, as its log says: until then, in about half of the time, it does the same in
all cases, and how long that takes differs by more than what is added. The cases that a promise rests on, and a plugin
that does nothing, ran {_OFTEN} times as many rounds as the others.

Any plugin makes OpenCode wait for an npm install of its plugin library in each of its folders, unless that is there or
a lock file says so; it says so here in all cases, so npm is in none of the figures. Without it, as measured earlier, a
first start with any plugin took 8 to 14 s online, and 72 s at each start offline; entries have no such wait.

Our plugin: *remembered* is a snapshot of this moment; that of an hour ago starts one process in the background, which
the figures of the start do not contain and which is waited for before the next case. With nothing remembered the
plugin runs `litellm-discover`. A port that is closed or silent is never asked while something is remembered, and our
entries ask none at all.

`{_PEER}` is loaded from its folder. It keeps its cache for 7 days and renews it when a session begins, which
`opencode models` does not do. Without a cache it asks for the list twice and for the descriptions once; a proxy that is
silent then costs it 3 s at each start. Ours waits longer for it, 5 s at most.

Entries ask nobody and run no code of ours. What they cost at {_MANY} and 5000 models is what OpenCode needs to read and
check its own file. Their bound was set where a bare start took 1.49 s: 0.1 s is 6.7 % of that."""


class OpenCode:
    """A person's OpenCode; its folder of plugins is prepared, so that no case waits for npm."""

    target = "opencode"
    idle = "export const Idle = async () => ({});\n"

    def __init__(self, root: Path) -> None:
        self._installed = tests.OpenCode(installed.opencode(), root)
        self.root = root

    def command(self) -> list[str | Path]:
        """Lists OpenCode's own models too, in all cases."""
        return [installed.opencode(), "models", "--print-logs"]

    def environment(self) -> dict[str, str]:
        """As in the tests."""
        return self._installed._environment()

    def add(self, script: str) -> None:
        """Where OpenCode finds it by itself."""
        plugin = self.root / "config" / "opencode" / "plugins" / "plugin.js"
        plugin.parent.mkdir()
        plugin.write_text(script, "utf-8")

    def listed(self, stdout: str) -> int:
        """One line for each model."""
        return sum(line.startswith(("litellm/", "litellm-responses/")) for line in stdout.splitlines())

    def common(self, end: End) -> float:
        """Until it reads its configuration, as its log says. Raises AssertionError if that does not."""
        return reads_at(end.stderr) - end.started_at


def reads_at(log: str) -> float:
    """When a run began to read its configuration, in seconds since 1970. Raises AssertionError if it never did."""
    found = _READS.search(log)
    if not found:
        raise AssertionError("OpenCode's log does not say when it reads its configuration")
    return datetime.fromisoformat(found[1]).timestamp()


def run(rounds: int) -> Section:
    """Measure all situations."""
    found = results(OpenCode, _plan, rounds=rounds)
    pairs = [
        *((ours.remembered(size), _cached(size)) for size in SIZES),
        *((ours.asked(size), _asked(size)) for size in SIZES),
        *((ours.unanswered(port, ours.KEPT), _unanswered(port, ours.KEPT)) for port in ("closed", "silent")),
        *((ours.unanswered(port), _unanswered(port)) for port in ("closed", "silent")),
    ]
    tables = (summary(found, "OpenCode with"), beside(found, _PEER, pairs))
    return Section("Starting OpenCode", _TEXT, tables, _promises(found))


def _promises(found: Mapping[str, Result]) -> tuple[Promise, ...]:
    entries, plugin, peer = found[ours.entries(_MANY)], found[ours.remembered(_MANY)], found[_cached(_MANY)]
    start = entries.base.median() / 100
    return (
        Promise(f"OpenCode: added by our entries, {_MANY} models", 0.1, entries.added, doubt=entries.doubt),
        Promise("The same, of a bare start", 6.7, entries.added / start, "%", entries.doubt / start),
        *share(f"OpenCode: added by our plugin, {_MANY} models, warm: share of {_PEER}", 20, plugin, peer),
    )


def _cached(models: int) -> str:
    return f"{_PEER}, {models} models in its cache"


def _asked(models: int) -> str:
    return f"{_PEER}, {models} models, no cache"


def _unanswered(port: str, what: str = ours.FORGOTTEN) -> str:
    return f"{_PEER}, {port} port, {what}"


_PROMISED = {ours.IDLE, ours.entries(_MANY), ours.remembered(_MANY), _cached(_MANY)}


def _plan(at: Addresses, folder: Path) -> list[Situation]:
    plan = ours.situations(OpenCode, at, folder)
    for size in SIZES:
        url = at.proxies[size]
        # The round that does not count fills the cache.
        plan += [
            Situation(_cached(size), url, size, give=partial(_configure, url)),
            Situation(_asked(size), url, size, give=partial(_configure, url), before=_forget),
        ]
    for port, url in (("closed", at.closed), ("silent", at.silent)):
        plan += [
            Situation(_unanswered(port, ours.KEPT), url, _MANY, give=partial(_fill, url)),
            Situation(_unanswered(port), url, give=partial(_configure, url)),
        ]
    return [replace(situation, times=_OFTEN if situation.name in _PROMISED else 1) for situation in plan]


def _configure(url: str, agent: Agent) -> None:
    """As its own description says."""
    options = {"baseURL": f"{url}/v1", "apiKey": "{env:LITELLM_API_KEY}"}
    config = {
        "$schema": "https://opencode.ai/config.json",
        "plugin": [(installed.peer(_PEER) / "src" / "index.ts").as_uri()],
        "provider": {"litellm": {"npm": "@ai-sdk/openai-compatible", "name": "LiteLLM", "options": options}},
    }
    (agent.root / "config" / "opencode" / "opencode.json").write_text(json.dumps(config), "utf-8")


def _fill(url: str, agent: Agent) -> None:
    """Let it see a proxy once at the address where none will be."""
    _configure(url, agent)
    with proxy(_MANY, port=port_of(url)):
        listing(agent, url)


def _forget(agent: Agent) -> None:
    shutil.rmtree(agent.root / "cache" / "opencode-litellm", ignore_errors=True)
