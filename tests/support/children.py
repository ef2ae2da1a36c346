"""Runs a program below a small process of its own, which tells how it ended, how long it took and how large it grew."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loopback import homes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = Path(sys.executable).with_name("litellm-discover")

LIMIT_S = 30.0

# The peak of a child is at least that of the process that forks it: this one has 10 MB, the tests ten times as much.
_PARENT = """
import json, os, sys, time
at, started = time.time(), time.monotonic()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(pid, 0)
seconds = time.monotonic() - started
with open(3, "w") as report:
    cpu = usage.ru_utime + usage.ru_stime
    json.dump([os.waitstatus_to_exitcode(status), at, seconds, cpu, usage.ru_maxrss], report)
"""


@dataclass(frozen=True, slots=True)
class End:
    """How a program ended that was forked at ``started_at`` (seconds since 1970).

    ``seconds`` from fork to wait, those of ``cpu``, and ``peak_mb`` of resident memory (on Linux).
    """

    status: int
    started_at: float
    seconds: float
    cpu: float
    peak_mb: float
    stdout: str
    stderr: str


class Child:
    """A program that was started just now; what it prints is kept in files below ``root``."""

    def __init__(self, command: Sequence[str | Path], *, root: Path, env: Mapping[str, str] | None = None) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._stdout, self._stderr, self._report = (root / name for name in ("stdout", "stderr", "report"))
        words = (sys.executable, "-I", "-S", "-c", _PARENT, *map(str, command))
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", 'exec "$@" 3>"$0"', str(self._report), *words],
                cwd=root,
                env={**homes(root), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    def end(self) -> End:
        """Wait for it."""
        self._process.wait(LIMIT_S)
        status, started_at, seconds, cpu, kilobytes = json.loads(self._report.read_text())
        return End(
            status,
            started_at,
            seconds,
            cpu,
            kilobytes / 1024,
            self._stdout.read_text("utf-8"),
            self._stderr.read_text("utf-8"),
        )


def measured(*arguments: str, root: Path, env: Mapping[str, str] | None = None) -> End:
    """One call of the console script."""
    return Child([PROGRAM, *arguments], root=root, env=env).end()
