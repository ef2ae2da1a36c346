"""The page that the benches write: what was promised, what was measured, and on which machine."""

from __future__ import annotations

import os
import platform
import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import litellm_discover
from bench import installed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDTH = 120

_NUMBER = re.compile(r"[<>]? ?[-+]?[0-9][0-9.]*( ?[–×%] ?[0-9.]*)?")
_NO_FIGURE = "–"

_METHOD = """\
A run starts the program below a small process of its own, with a home of its own and the variables of no person, and
counts from fork to wait. The cases take turns: each runs once a round, in an order that changes from round to round,
after a round that does not count. *Start* is the median of the rounds. *Added* is the median of what a case took longer
than the case named in the text in the same round, so it can be a little below 0. *Added CPU* is the same of the
processor time of whole runs, in user and system mode, with that of the children that the program waited for; waiting
for a network is not in it. What stands behind ± is two standard errors of the median."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure that is to be kept: not above ``limit``, and known to ``doubt`` more or less. All three in ``unit``."""

    text: str
    limit: float
    measured: float
    unit: str = "s"
    doubt: float = 0.0

    @property
    def verdict(self) -> str:
        """What the measurement says; what is within its doubt is neither kept nor broken."""
        if self.measured + self.doubt <= self.limit:
            return "met"
        return "**missed**" if self.measured - self.doubt > self.limit else "too noisy to say"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; a column in which every cell is a number, or empty, or a dash, stands on the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What one bench found. ``text`` is Markdown; its paragraphs are wrapped. The tables follow it."""

    title: str
    text: str
    tables: tuple[Table, ...]
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and on what the benches ran."""

    date: str
    machine: str
    versions: Mapping[str, str]
    rounds: int


def circumstances(rounds: int) -> Circumstances:
    """Those of this moment and this machine."""
    versions = {"litellm-discover": litellm_discover.__version__, "CPython": platform.python_version()}
    return Circumstances(
        datetime.now(UTC).strftime("%Y-%m-%d"), _machine(), {**versions, **installed.versions()}, rounds
    )


def page(found: Circumstances, sections: Sequence[Section]) -> str:
    """The whole of docs/benchmarks.md."""
    promises = [promise for section in sections for promise in section.promises]
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    parts = [
        "# Benchmarks",
        _wrapped(f"Measured on {found.date} by `make bench`, which writes this page."),
        _wrapped(f"Machine: {found.machine}."),
        _wrapped(f"Versions: {versions}."),
        _wrapped(f"Rounds: {found.rounds}, unless a text says otherwise. " + _METHOD),
        "## Promised and measured",
        markdown(_promised(promises)),
        *(section_text(section) for section in sections),
    ]
    return "\n\n".join(parts) + "\n"


def section_text(section: Section) -> str:
    """One section of the page."""
    paragraphs = [_wrapped(paragraph) for paragraph in section.text.split("\n\n")]
    return "\n\n".join([f"## {section.title}", *paragraphs, *map(markdown, section.tables)])


def markdown(table: Table) -> str:
    """The table in columns that are aligned in the text too."""
    cells = [table.columns, *table.rows]
    widths = [max(3, *(len(row[number]) for row in cells)) for number in range(len(table.columns))]
    right = [_is_numeric([row[number] for row in table.rows]) for number in range(len(table.columns))]
    rule = [f"{'-' * (width - 1)}:" if on_right else "-" * width for width, on_right in zip(widths, right, strict=True)]
    return "\n".join(_line(row, widths, right) for row in [table.columns, rule, *table.rows])


def _line(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    cells = zip(row, widths, right, strict=True)
    return (
        "| "
        + " | ".join(cell.rjust(width) if on_right else cell.ljust(width) for cell, width, on_right in cells)
        + " |"
    )


def _is_numeric(cells: Sequence[str]) -> bool:
    return all(cell in {"", _NO_FIGURE} or _NUMBER.fullmatch(cell) for cell in cells)


def _promised(promises: Sequence[Promise]) -> Table:
    rows = tuple(
        (
            promise.text,
            f"{promise.limit:g} {promise.unit}",
            f"{promise.measured:.3g} {promise.unit}{f' ± {promise.doubt:.2g}' if promise.doubt else ''}",
            promise.verdict,
        )
        for promise in promises
    )
    return Table(("Promise", "At most", "Measured", ""), rows)


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def _machine() -> str:
    described = Path("/proc/cpuinfo"), Path("/proc/meminfo")
    cpu, memory = (path.read_text("utf-8") if path.exists() else "" for path in described)
    model = re.search(r"model name\s*: (.+)", cpu)
    total = re.search(r"MemTotal:\s*(\d+) kB", memory)
    size = f"{int(total[1]) / 1024**2:.0f} GB of memory" if total else ""
    parts = [
        f"{os.cpu_count()} cores",
        model[1] if model else platform.machine(),
        size,
        f"{platform.system()} {platform.release()}",
    ]
    return ", ".join(part for part in parts if part)
