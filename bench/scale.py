"""Discovery and merge as the number of models grows: time, memory, and time per model."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from loopback import homes
from tool import PROGRAM

from bench.installed import ROOT
from bench.measure import Case, measure
from bench.proxy import KEY, proxy
from bench.report import Promise, Section, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from children import End

    from bench.measure import Figures

SIZES = (30, 1000, 5000, 25000)
_MANY, _MOST = 1000, SIZES[-1]
_PROMISED = 5000

_JSON = "--json"
_FORMS: dict[str, tuple[str, ...]] = {
    _JSON: ("--json",),
    "--write opencode, first": ("--write", "opencode"),
    "--write pi, first": ("--write", "pi"),
    "--write all, nothing to do": ("--write", "all"),
}
_AGAIN = "--write all, nothing to do"

_TEXT = f"""\
Whole runs of the command, with `--timeout 60` so that a busy machine spoils none. Up to 9000 models are described
(7.2 KB each, 36 MB for {_PROMISED}); for {_MOST} the descriptions take more than 64 MiB, so only the list is read.
Of {_MOST} the first 5000 are offered, and the rest is hidden with a reason: more would neither fit into 80 MB nor into
an agent, as the start of Pi with 5000 shows.

*Merge alone* has no such bounds, no proxy, no disk and no imports in its times: {_MOST} described models, all of them
understood and merged into an empty file and then again into the result. It is where growth would show."""


@dataclass(frozen=True, slots=True)
class _Steps:
    """What the rounds of one size told of their steps: CPU seconds by name."""

    rounds: list[dict[str, float]] = field(default_factory=list)

    def keep(self, end: End) -> None:
        if end.status:
            raise AssertionError(f"merging ended with {end.status}: {end.stderr[-500:]}")
        self.rounds.append(json.loads(end.stdout))

    def median(self, name: str) -> float:
        return statistics.median(each[name] for each in self.rounds[1:])

    def total(self) -> float:
        return statistics.median(sum(each.values()) for each in self.rounds[1:])


def run(rounds: int) -> Section:
    """Measure all sizes."""
    with TemporaryDirectory(prefix="bench-") as name, ExitStack() as stack:
        folder = Path(name)
        steps = {size: _Steps() for size in SIZES}
        cases = [_merging(folder, size, its) for size, its in steps.items()]
        for size in SIZES:
            url = stack.enter_context(proxy(size))
            cases += [_case(folder / f"{size}{number}", form, size, url) for number, form in enumerate(_FORMS)]
        found = measure(cases, rounds=rounds)
    return Section("Growth", _TEXT, (_runs(found), _merges(found, steps)), _promises(found, steps))


def _name(form: str, size: int) -> str:
    return f"{form}, {size} models"


def _case(root: Path, form: str, size: int, url: str) -> Case:
    root.mkdir()

    def prepare() -> None:
        if form != _AGAIN:
            for name in ("cache", "config", "state", "home"):
                shutil.rmtree(root / name, ignore_errors=True)

    def check(end: End) -> None:
        if end.status:
            raise AssertionError(f"{form} with {size} models ended with {end.status}: {end.stderr[-500:]}")

    env = {**homes(root), "LITELLM_API_KEY": KEY, "LITELLM_BASE_URL": url}
    return Case(_name(form, size), [PROGRAM, "--timeout", "60", *_FORMS[form]], root, env, prepare, check)


def _merging(folder: Path, size: int, steps: _Steps) -> Case:
    root = folder / f"merging{size}"
    root.mkdir()
    paths = (ROOT, ROOT / "tests" / "support")
    env = {**homes(root), "PYTHONPATH": os.pathsep.join(map(str, paths))}
    command = [sys.executable, "-m", "bench.merging", str(size)]
    return Case(_name("merge alone", size), command, root, env, check=steps.keep)


def _runs(found: Mapping[str, Figures]) -> Table:
    columns = ("litellm-discover", "Models", "Wall s", "CPU s", "Wall ms per model", "Peak MB")
    rows = tuple(
        (
            form,
            str(size),
            f"{its.median():.2f}",
            f"{statistics.median(its.cpu):.2f}",
            f"{1000 * its.median() / size:.2f}",
            f"{max(its.peak_mb):.0f}",
        )
        for form in _FORMS
        for size in SIZES
        for its in [found[_name(form, size)]]
    )
    return Table(columns, rows)


def _merges(found: Mapping[str, Figures], steps: Mapping[int, _Steps]) -> Table:
    names = tuple(steps[_MOST].rounds[0])
    columns = ("Merge alone, ms per model", *map(str, SIZES))
    rows = [(name, *(f"{1000 * steps[size].median(name) / size:.3f}" for size in SIZES)) for name in names]
    rows.append(("all of it", *(f"{1000 * steps[size].total() / size:.3f}" for size in SIZES)))
    rows.append(("peak MB", *(f"{max(found[_name('merge alone', size)].peak_mb):.0f}" for size in SIZES)))
    return Table(columns, tuple(rows))


def _promises(found: Mapping[str, Figures], steps: Mapping[int, _Steps]) -> tuple[Promise, ...]:
    many, most = (found[_name(_JSON, size)].median() / size for size in (_MANY, _MOST))
    alone, all_alone = (steps[size].total() / size for size in (_MANY, _MOST))
    largest = {form: found[_name(form, _PROMISED)] for form in _FORMS}
    return (
        Promise(f"{_PROMISED} models, any form: time", 5, max(its.median() for its in largest.values())),
        Promise(f"{_PROMISED} models, any form: memory", 80, max(max(its.peak_mb) for its in largest.values()), "MB"),
        Promise(f"Time per model, {_MOST} to {_MANY}", 100, 100 * most / many, "%"),
        Promise(f"The same of the merge alone, all {_MOST}", 100, 100 * all_alone / alone, "%"),
    )
