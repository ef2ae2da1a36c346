"""What Pi's start costs with our entries, with our extension, and with the peers'."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pi as tests

from bench import installed, ours
from bench.agents import LARGE, NOTHING, SELDOM, SIZES, Situation, beside, results, summary
from bench.report import Promise, Section

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from children import End

    from bench.agents import Addresses, Result

_REPLACING = "pi-provider-litellm"
_SMALL = "pi-litellm"
_MANY = SIZES[-1]
_HANGS_S = 10
_OFTEN = 8

_TEXT = f"""\
`pi --list-models`, without its discovery of extensions and of MCP servers. *Added* is against Pi with no configuration
("{NOTHING}"). `PI_OFFLINE` is not set, because `{_REPLACING}` finds nothing with it; none of the cases talks to
anything but the proxy. The compile cache of Node and the cache of jiti are warm in all of them.

Pi's time for entries in `models.json` grows with the square of their number, for registered models it does not:
for many models our plugin (an extension, in Pi's words) is the better road. The case of {LARGE} entries and that which
hangs ran one round; the bare Pi and the cases of {_MANY} models with entries, our plugin and the peers {_OFTEN} times
as many as the others.

Our plugin: as in OpenCode. At a closed or silent port it lists what is remembered, and the peers list nothing.
`{_REPLACING}` and `{_SMALL}` are loaded from their folders. Neither of them remembers
anything when Pi only lists its models or runs one prompt, so each start asks the proxy, and none has a warm case: what
is set beside ours with something remembered is a start that asks. `{_SMALL}` asks only for the list and gives every
model the same properties; `{_REPLACING}` reads the descriptions and brings tools of its own. At a silent port
`{_REPLACING}` gives up after 3 s, and `{_SMALL}` never: it was ended after {_HANGS_S} s."""


class Pi:
    """A person's newest Pi."""

    target = "pi"
    idle = "module.exports = async () => {};\n"

    def __init__(self, root: Path) -> None:
        self._installed = tests.Pi(installed.node(), installed.pi(), root)
        self.root = root
        self._extension = root / "extension.js"

    def command(self) -> list[str | Path]:
        """With the extension, if one was added."""
        added = ["--extension", self._extension] if self._extension.exists() else []
        return [*self._installed._command, "--list-models", *self._installed._plain(), *added]

    def environment(self) -> dict[str, str]:
        """As in the tests, but for what keeps a peer from asking."""
        variables = {**self._installed._environment(), **self._installed.path}
        return {name: value for name, value in variables.items() if name != "PI_OFFLINE"}

    def add(self, script: str) -> None:
        """Beside the folders that Pi looks into."""
        self._extension.write_text(script, "utf-8")

    def listed(self, stdout: str) -> int:
        """One row for each model; only ours and the peers' have a key."""
        return sum(line.split()[:1] == ["litellm"] for line in stdout.splitlines())

    def common(self, _: End) -> float:
        """Pi does not say when it reads its configuration."""
        return 0.0


def run(rounds: int) -> Section:
    """Measure all situations."""
    found = results(Pi, _plan, rounds=rounds)
    tables = [summary(found, "Pi with")]
    for peer in (_REPLACING, _SMALL):
        pairs = [
            *((ours.remembered(size), _asked(peer, size)) for size in SIZES),
            *((ours.asked(size), _asked(peer, size)) for size in SIZES),
            *((ours.unanswered(port, ours.KEPT), _unanswered(peer, port)) for port in ("closed", "silent")),
            *((ours.unanswered(port), _unanswered(peer, port)) for port in ("closed", "silent")),
        ]
        tables.append(beside(found, peer, pairs))
    return Section("Starting Pi", _TEXT, tuple(tables), _promises(found))


def _promises(found: Mapping[str, Result]) -> tuple[Promise, ...]:
    entries = found[ours.entries(_MANY)]
    return (Promise(f"Pi: added by our entries, {_MANY} models", 0.1, entries.added, doubt=entries.doubt),)


def _asked(peer: str, models: int) -> str:
    return f"{peer}, {models} models"


def _unanswered(peer: str, port: str) -> str:
    return f"{peer}, {port} port"


_TIMES = {
    **dict.fromkeys((ours.IDLE, ours.entries(_MANY), ours.remembered(_MANY)), _OFTEN),
    **dict.fromkeys((_asked(peer, _MANY) for peer in (_REPLACING, _SMALL)), _OFTEN),
    ours.entries(LARGE): SELDOM,
    _unanswered(_SMALL, "silent"): SELDOM,
}


def _plan(at: Addresses, folder: Path) -> list[Situation]:
    plan = ours.situations(Pi, at, folder)
    for peer in (_REPLACING, _SMALL):
        loaded = ("--extension", installed.peer(peer))
        limit_s = _HANGS_S if peer == _SMALL else 0
        plan += [
            *(Situation(_asked(peer, size), at.proxies[size], size, loaded) for size in SIZES),
            Situation(_unanswered(peer, "closed"), at.closed, words=loaded),
            Situation(_unanswered(peer, "silent"), at.silent, words=loaded, limit_s=limit_s),
        ]
    return [replace(situation, times=_TIMES.get(situation.name, 1)) for situation in plan]
