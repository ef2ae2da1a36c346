"""Paired runs of programs: every case once a round, in an order that changes, and what their medians say."""

from __future__ import annotations

import math
import random
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from children import Child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from children import End

_SEED = 20260911


@dataclass(frozen=True, slots=True)
class Case:
    """A program to be timed. ``prepare`` puts everything as it must be before each run, outside the clock.

    ``common`` says how many seconds of a run passed before anything could differ from case to case.
    """

    name: str
    command: Sequence[str | Path]
    root: Path
    env: Mapping[str, str]
    prepare: Callable[[], None] = lambda: None
    check: Callable[[End], None] = lambda _: None
    common: Callable[[End], float] = lambda _: 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What the rounds of one case gave, in their order.

    Seconds from fork to wait, those ``counted`` of them, which are not common to all cases, CPU seconds, and megabytes
    at most.
    """

    seconds: tuple[float, ...]
    counted: tuple[float, ...]
    cpu: tuple[float, ...]
    peak_mb: tuple[float, ...]

    def median(self) -> float:
        """Of the seconds from fork to wait."""
        return statistics.median(self.seconds)

    def added(self, base: Figures) -> float:
        """The median of what each round took longer than the round of ``base``, in seconds that count."""
        return statistics.median(own - other for own, other in zip(self.counted, base.counted, strict=True))

    def added_cpu(self, base: Figures) -> float:
        """The same of CPU seconds, of whole runs: what the program waits for is not in it."""
        return statistics.median(own - other for own, other in zip(self.cpu, base.cpu, strict=True))

    def doubt(self, base: Figures) -> float:
        """How far ``added`` may be off, in seconds: two standard errors of a median, from the spread of the rounds."""
        return _doubt([own - other for own, other in zip(self.counted, base.counted, strict=True)])

    def doubt_cpu(self, base: Figures) -> float:
        """The same of ``added_cpu``."""
        return _doubt([own - other for own, other in zip(self.cpu, base.cpu, strict=True)])

    def cpu_ratio(self, base: Figures) -> float:
        """The median of CPU over that of ``base`` in the same round."""
        return statistics.median(own / other for own, other in zip(self.cpu, base.cpu, strict=True))


def _doubt(differences: Sequence[float]) -> float:
    middle = statistics.median(differences)
    deviation = 1.4826 * statistics.median(abs(value - middle) for value in differences)
    return 2 * 1.2533 * deviation / math.sqrt(len(differences))


def measure(cases: Sequence[Case], *, rounds: int) -> dict[str, Figures]:
    """Run every case once a round, one after the other, after a round that does not count. Raises AssertionError.

    A case that ends otherwise than its ``check`` wants is no measurement of anything: it ends the bench.
    """
    order = random.Random(_SEED)  # noqa: S311 - nothing secret: so that each run of the bench has the same order
    runs: dict[str, list[tuple[End, float]]] = {case.name: [] for case in cases}
    for number in range(rounds + 1):
        for case in order.sample(cases, len(cases)):
            case.prepare()
            end = Child(case.command, root=case.root, env=case.env).end()
            case.check(end)
            if number:
                runs[case.name].append((end, end.seconds - case.common(end)))
        print(f"  round {number} of {rounds}", file=sys.stderr)
    return {name: _figures(its) for name, its in runs.items()}


def running_below(folder: Path) -> list[int]:
    """The processes whose homes are below a folder. Seen where there is a `/proc`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            is_ours = f"={folder}/".encode() in path.read_bytes()
        except OSError:
            continue  # another person's, or one that has ended
        if is_ours:
            found.append(int(path.parent.name))
    return found


def _figures(runs: Sequence[tuple[End, float]]) -> Figures:
    return Figures(
        seconds=tuple(end.seconds for end, _ in runs),
        counted=tuple(counted for _, counted in runs),
        cpu=tuple(end.cpu for end, _ in runs),
        peak_mb=tuple(end.peak_mb for end, _ in runs),
    )
