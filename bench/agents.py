"""What the benches of OpenCode and of Pi share: an agent with a home of its own, started in many situations."""

from __future__ import annotations

import math
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from children import Child

from bench.measure import Case, measure, running_below
from bench.proxy import KEY, closed, proxy, silent
from bench.report import Promise, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from children import End

    from bench.measure import Figures

SIZES = (30, 1000)
LARGE = 5000

NOTHING = "nothing"

# Times the rounds that were asked for: some cases take so long that one round must do.
SELDOM = 0

# What is added below this is noise, and a ratio of it would say nothing.
_SEEN_S = 0.01

# An alarm stays set across exec, and no agent asks for it.
_ENDED = "import os, signal, sys; signal.alarm(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])"
_BY_ALARM = -14


class Agent(Protocol):
    """An agent that was installed just now, below ``root``; its homes are those of ``loopback.homes``."""

    target: str
    root: Path
    idle: str
    """The text of a plugin that does nothing."""

    def command(self) -> list[str | Path]:
        """What lists its models."""

    def environment(self) -> dict[str, str]:
        """All variables that it gets, but those of the proxy."""

    def add(self, script: str) -> None:
        """Install a plugin of this text."""

    def listed(self, stdout: str) -> int:
        """How many models of a LiteLLM it printed."""

    def common(self, end: End) -> float:
        """The seconds of a run before it did anything that depends on its configuration, or 0 where none can tell."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the proxies of each size are, and where nothing and something silent is."""

    proxies: Mapping[int, str]
    closed: str
    silent: str


@dataclass(frozen=True, slots=True)
class Situation:
    """What an agent is given and finds when it starts, and how many models it must list then.

    ``give`` is done once, while nothing is at the closed and the silent address; ``before`` and ``after`` at each run,
    outside the clock. With ``limit_s`` the agent is expected to hang, and is ended after so many seconds. ``times`` is
    how often it runs for each round that was asked for; SELDOM is once in all.
    """

    name: str
    url: str
    models: int = 0
    words: tuple[str | Path, ...] = ()
    give: Callable[[Agent], None] = lambda _: None
    before: Callable[[Agent], None] = lambda _: None
    after: Callable[[Agent], None] = lambda _: None
    limit_s: int = 0
    times: int = 1


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of a situation, and those of the bare agent in the same rounds."""

    figures: Figures
    base: Figures

    @property
    def added(self) -> float:
        """Seconds."""
        return self.figures.added(self.base)

    @property
    def added_cpu(self) -> float:
        """Seconds."""
        return self.figures.added_cpu(self.base)

    @property
    def doubt(self) -> float:
        """How far ``added`` may be off, in seconds."""
        return self.figures.doubt(self.base)

    @property
    def doubt_cpu(self) -> float:
        """The same of ``added_cpu``."""
        return self.figures.doubt_cpu(self.base)


def share(text: str, limit: float, own: Result, other: Result) -> tuple[Promise, Promise]:
    """That what one adds is at most so many percent of what the other adds, and the same of processor time."""
    wall = _percent(own.added, own.doubt, other.added, other.doubt)
    cpu = _percent(own.added_cpu, own.doubt_cpu, other.added_cpu, other.doubt_cpu)
    return Promise(text, limit, *wall), Promise(f"{text}, processor time", limit, *cpu)


def _percent(own: float, doubt: float, other: float, other_doubt: float) -> tuple[float, str, float]:
    """The share, its unit and its doubt; no bound can be given when the other may be nothing."""
    ratio = own / other if other else math.inf
    return 100 * ratio, "%", 100 * math.hypot(doubt, ratio * other_doubt) / other if other > other_doubt else math.inf


def results(
    new: Callable[[Path], Agent], plan: Callable[[Addresses, Path], list[Situation]], *, rounds: int
) -> dict[str, Result]:
    """Measure all situations of a plan, each with an agent of its own. Raises AssertionError if one is not as it must.

    ``plan`` gets a folder for what it has to prepare.
    """
    with TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        proxies = {size: stack.enter_context(proxy(size)) for size in (*SIZES, LARGE)}
        addresses = Addresses(proxies, closed(), closed())
        situations = plan(addresses, folder / "plan")
        cases = [_case(situation, new(folder / str(number))) for number, situation in enumerate(situations)]
        stack.enter_context(silent(port_of(addresses.silent)))
        base = next(case for case in cases if case.name == NOTHING)
        found: dict[str, Result] = {}
        for times in sorted({situation.times for situation in situations}):
            its = [case for case, situation in zip(cases, situations, strict=True) if situation.times == times]
            found |= _paired(base, its, max(1, times * rounds))
        _assert_none_is_left(folder)
    return {situation.name: found[situation.name] for situation in situations}


def port_of(url: str) -> int:
    """The port of an address of ours."""
    port = urlsplit(url).port
    if port is None:
        raise ValueError(f"no port in {url}")
    return port


def variables(agent: Agent, url: str) -> dict[str, str]:
    """The environment of a person with a proxy at ``url``."""
    return {**agent.environment(), "LITELLM_API_KEY": KEY, "LITELLM_BASE_URL": url}


def listing(agent: Agent, url: str) -> None:
    """Let it list its models once. Raises AssertionError unless it ends with 0."""
    end = Child(agent.command(), root=agent.root / "project", env=variables(agent, url)).end()
    if end.status:
        raise AssertionError(f"{agent.target} ended with {end.status}: {end.stderr[-500:]}")


def summary(found: Mapping[str, Result], base: str) -> Table:
    """A line for each situation."""
    columns = (base, "Start s", "lowest", "highest", "Added s", "Added CPU s", "Peak MB")
    rows = (
        (
            name,
            f"{result.figures.median():.2f}",
            f"{min(result.figures.seconds):.2f}",
            f"{max(result.figures.seconds):.2f}",
            f"{result.added:.3f}",
            f"{result.added_cpu:.3f}",
            f"{max(result.figures.peak_mb):.0f}",
        )
        for name, result in found.items()
    )
    return Table(columns, tuple(rows))


def beside(found: Mapping[str, Result], peer: str, pairs: Sequence[tuple[str, str]]) -> Table:
    """Ours and a peer's in the same situation: ``pairs`` of names; a ratio above 1 is one that we lose."""
    columns = ("Our plugin", peer, "Added s", "peer's", "ratio", "Added CPU s", "peer's", "ratio")
    rows = []
    for own, other in pairs:
        ours, theirs = found[own], found[other]
        added = (ours.added, theirs.added)
        cpu = (ours.added_cpu, theirs.added_cpu)
        names = (name.split(", ", 1)[-1] for name in (own, other))
        rows.append((*names, *_compared(*added), *_compared(*cpu)))
    return Table(columns, tuple(rows))


def _compared(own: float, other: float) -> tuple[str, str, str]:
    is_seen = min(own, other) > _SEEN_S
    return f"{own:.3f}", f"{other:.3f}", f"{own / other:.2f}" if is_seen else "–"


def _case(situation: Situation, agent: Agent) -> Case:
    root = agent.root / "project"
    situation.give(agent)
    command = [*agent.command(), *situation.words]
    if situation.limit_s:
        command = [sys.executable, "-I", "-S", "-c", _ENDED, str(situation.limit_s), *command]

    def check(end: End) -> None:
        listed = agent.listed(end.stdout)
        expected = (_BY_ALARM if situation.limit_s else 0, situation.models)
        if (end.status, listed) != expected:
            error = end.stderr[-500:]
            raise AssertionError(f"{situation.name}: status and models {(end.status, listed)}, not {expected}: {error}")
        situation.after(agent)

    env = variables(agent, situation.url)
    return Case(situation.name, command, root, env, lambda: situation.before(agent), check, agent.common)


def _paired(base: Case, cases: Sequence[Case], rounds: int) -> dict[str, Result]:
    if not cases:
        return {}
    figures = measure([base, *(case for case in cases if case is not base)], rounds=rounds)
    return {name: Result(its, figures[base.name]) for name, its in figures.items()}


def _assert_none_is_left(folder: Path) -> None:
    if left := running_below(folder):
        raise AssertionError(f"still running after the bench: {left}")
