"""What the command itself costs: beside the bare interpreter, beside curl, and at the start of an agent."""

from __future__ import annotations

import json
import shutil
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from loopback import homes
from tool import PROGRAM, discover

from bench.agents import SIZES, port_of
from bench.measure import Case, measure, running_below
from bench.proxy import KEY, closed, proxy, silent
from bench.report import Promise, Section, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from children import End

    from bench.measure import Figures

_INTERPRETER = "python -I -c pass"
_LIVE = "--json, asked live"
_READY = "ready opencode"
_FRESH, _OLD = f"{_READY}, nothing changed", f"{_READY}, nothing changed, an hour ago, silent proxy"
_CHANGED = f"{_READY}, remembered, no stamp, silent proxy"
_FORGOTTEN = f"{_READY}, nothing remembered, silent proxy"
_UNCOMPILED = "nothing compiled"

# These are short beside the start of an agent.
_TIMES = 3
_OLD_S = 3600
_LIMIT_S = 15

_TEXT = f"""\
The console script, with the proxy named by `LITELLM_BASE_URL`, and the key in `LITELLM_API_KEY`. *CPU / python* is the
ratio to `{_INTERPRETER}` of the same round, *over curl* what it takes longer than curl with the same three requests for
as many models (`/v1/models`, `/public/model_hub/info`, `/v1/model/info`).

`{_READY}` is what the hook of the shell runs before OpenCode starts. A stamp says whether anything can have changed
since; where only time has passed, one process in the background asks the proxy, which the figures do not contain.
Without a stamp the file is brought up to what is remembered. Nothing remembered is the only case in which the start
waits for the proxy.

*{_UNCOMPILED}* is a first run after an installation that leaves no compiled files, as uv's does, or any run where they
cannot be written.

Where the time goes of `{_LIVE}`, for {SIZES[0]} models: nearly all of it is importing, and of that a third is making
the dataclasses of our modules. [Decision 0017](decisions/0017-cost-of-a-live-run.md) has it in instructions, which do
not depend on how fast the machine happens to be."""


@dataclass(frozen=True, slots=True)
class _Person:
    """A person's homes below ``root``, and where their proxy is."""

    root: Path
    url: str

    @property
    def variables(self) -> dict[str, str]:
        return {"LITELLM_API_KEY": KEY, "LITELLM_BASE_URL": self.url}

    @property
    def cache(self) -> Path:
        return self.root / "cache" / "litellm-discover"

    def call(self, *arguments: str) -> None:
        """Run the command once, outside the clock."""
        done = discover(*arguments, root=self.root, env=self.variables)
        if done.returncode:
            raise AssertionError(f"{arguments}: {done.stderr}")

    def forget(self) -> None:
        """As on the first day."""
        for name in ("cache", "config", "state"):
            shutil.rmtree(self.root / name, ignore_errors=True)

    def age(self) -> None:
        """Make the stamp older."""
        path = self.cache / "ready-opencode.json"
        stamp = json.loads(path.read_bytes())
        path.write_text(json.dumps({**stamp, "takenAt": time.time() - _OLD_S}), "utf-8")


def run(rounds: int) -> Section:
    """Measure all of them."""
    with TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        proxies = {size: stack.enter_context(proxy(size)) for size in SIZES}
        quiet = closed()
        with proxy(SIZES[-1], port=port_of(quiet)):
            cases = _starts(folder, proxies[SIZES[-1]], quiet)
        stack.enter_context(silent(port_of(quiet)))
        cases += [case for size, url in proxies.items() for case in _sized(folder, size, url)]
        found = measure(cases, rounds=_TIMES * rounds)
    return Section("The command", _TEXT, (_table(found),), _promises(found))


def _starts(folder: Path, url: str, quiet: str) -> list[Case]:
    """What does not depend on how many models there are, or hardly; ``quiet`` answers now and is silent later."""
    fresh = _person(folder / "fresh", url)
    old, changed, new = (_person(folder / name, quiet) for name in ("old", "changed", "new"))
    for person in (fresh, old, changed):
        person.call("refresh", "opencode")
    stamp = changed.cache / "ready-opencode.json"
    bare = Case(_INTERPRETER, [sys.executable, "-I", "-c", "pass"], folder, homes(folder), check=_check)
    return [
        bare,
        _case("--version", fresh, "--version"),
        _case(_FRESH, fresh, "ready", "opencode"),
        _case(_OLD, old, "ready", "opencode", prepare=old.age),
        _case(_CHANGED, changed, "ready", "opencode", prepare=lambda: stamp.unlink(missing_ok=True)),
        _case(_FORGOTTEN, new, "ready", "opencode", prepare=new.forget),
    ]


def _sized(folder: Path, size: int, url: str) -> list[Case]:
    """What depends on the number of models."""
    live, first, again = (_person(folder / f"{name}{size}", url) for name in ("live", "first", "again"))
    live.call("--json")
    again.call("--write", "opencode")
    paths = ("/v1/models", "/public/model_hub/info", "/v1/model/info")
    outputs = [word for path in paths for word in ("-o", "/dev/null", f"{url}{path}")]
    curl = Case(_sized_name("curl", size), [_curl(), "-sf", *outputs], live.root, homes(live.root), check=_check)
    nowhere = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder / "none")}
    return [
        curl,
        _case(_sized_name("--offline --json", size), live, "--offline", "--json"),
        _case(_sized_name(_LIVE, size), live, "--json"),
        _case(_sized_name(f"{_LIVE}, {_UNCOMPILED}", size), live, "--json", env=nowhere),
        _case(_sized_name("--write opencode, first", size), first, "--write", "opencode", prepare=first.forget),
        _case(_sized_name("--write opencode, nothing to do", size), again, "--write", "opencode"),
    ]


def _curl() -> str:
    if program := shutil.which("curl"):
        return program
    raise FileNotFoundError("there is no curl to measure against")


def _person(root: Path, url: str) -> _Person:
    root.mkdir()
    return _Person(root, url)


def _sized_name(name: str, size: int) -> str:
    return f"{name}, {size} models"


def _case(
    name: str,
    person: _Person,
    *arguments: str,
    prepare: Callable[[], None] = lambda: None,
    env: Mapping[str, str] | None = None,
) -> Case:
    def check(end: End) -> None:
        _check(end)
        _wait_for_refresh(person.root)

    variables = {**homes(person.root), **person.variables, **(env or {})}
    return Case(name, [PROGRAM, *arguments], person.root, variables, prepare, check)


def _check(end: End) -> None:
    if end.status:
        raise AssertionError(f"ended with {end.status}: {end.stderr[-500:]}")


def _wait_for_refresh(root: Path) -> None:
    """A process that was started in the background must disturb no other case."""
    deadline = time.monotonic() + _LIMIT_S
    while running_below(root):
        if time.monotonic() > deadline:
            raise AssertionError("a refresh did not end")
        time.sleep(0.05)


def _table(found: Mapping[str, Figures]) -> Table:
    columns = ("litellm-discover", "Wall s", "CPU s", "CPU / python", "over curl s", "Peak MB")
    bare = found[_INTERPRETER]
    rows = (
        (
            name,
            f"{its.median():.3f}",
            f"{its.added_cpu(_nothing(its)):.3f}",
            f"{its.cpu_ratio(bare):.1f}",
            _over_curl(name, found),
            f"{max(its.peak_mb):.0f}",
        )
        for name, its in found.items()
    )
    return Table(columns, tuple(rows))


def _nothing(its: Figures) -> Figures:
    zeros = tuple(0.0 for _ in its.seconds)
    return type(its)(zeros, zeros, zeros, zeros)


def _over_curl(name: str, found: Mapping[str, Figures]) -> str:
    curl = _curl_of(name, found)
    return "–" if curl is None or name.startswith("curl") else f"{found[name].added(curl):.3f}"


def _curl_of(name: str, found: Mapping[str, Figures]) -> Figures | None:
    sizes = [size for size in SIZES if name.endswith(f", {size} models")]
    return found[_sized_name("curl", sizes[0])] if sizes else None


def _promises(found: Mapping[str, Figures]) -> tuple[Promise, ...]:
    bare, live = found[_INTERPRETER], found[_sized_name(_LIVE, SIZES[0])]
    curl = found[_sized_name("curl", SIZES[0])]
    ratio, over = found[_FRESH].cpu_ratio(bare), live.added(curl)
    return (
        Promise("Hook, nothing changed: processor time, in those of a bare interpreter", 7, ratio, "×"),
        Promise(f"{SIZES[0]} models asked live: longer than curl", 0.25, over, doubt=live.doubt(curl)),
        Promise("The same: processor time, in those of a bare interpreter", 25, live.cpu_ratio(bare), "×"),
        Promise("Hook, something remembered, silent proxy", 0.3, found[_OLD].median()),
        Promise("The same without a stamp", 0.3, found[_CHANGED].median()),
        Promise("Hook, nothing remembered, silent proxy", 1.5, found[_FORGOTTEN].median()),
    )
