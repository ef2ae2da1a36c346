"""A daemon of the test's own, and what the kernel says of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from loopback import homes
from tool import PROGRAM, discover

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

T = TypeVar("T")

LIMIT_S = 30.0


def eventually(what: Callable[[], T], limit: float = LIMIT_S) -> T:
    """The first thing that ``what`` gives and that is something, waited for."""
    until = time.monotonic() + limit
    while True:
        if found := what():
            return found
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def configure(root: Path, text: str) -> None:
    """The person's config.toml."""
    folder = root / "config" / "litellm-discover"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(text)
    (root / "home").mkdir(exist_ok=True)


class Daemon:
    """``daemon run``, until the block ends; what it says is in ``said``."""

    def __init__(self, root: Path, env: Mapping[str, str] | None = None, *arguments: str) -> None:
        self.root, self.env, self._arguments = root, dict(env or {}), arguments
        self._log = root / "daemon.stderr"

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "daemon", "run", "--verbose", *self._arguments],
                cwd=self.root,
                env={**homes(self.root), **self.env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")

    def status(self) -> Any:
        """What ``daemon status --json`` prints."""
        return discover("daemon", "status", "--json", root=self.root, env=self.env).json

    def proxies(self) -> list[Any]:
        """The proxies in its file, which is cheaper to ask for; none before it is there."""
        path = self.root / "state" / "litellm-discover" / "daemon.json"
        state = json.loads(path.read_bytes()) if path.exists() else {}
        return list(state["proxies"]) if state.get("pid") == self.process.pid else []

    def seen(self) -> Any:
        """The only proxy."""
        return next(iter(self.proxies()), None)

    def good(self) -> Any:
        """The proxy, when all is well with it."""
        seen = self.seen()
        return seen if seen and seen["good"] else None

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """The status after a signal, and the seconds until it ended."""
        started = time.monotonic()
        os.kill(self.process.pid, number)
        return self.process.wait(LIMIT_S), time.monotonic() - started

    def settled(self) -> None:
        """Wait until it has noticed what it wrote itself, and found that nothing is to be done."""
        eventually(self.good)
        eventually(lambda: "a file of yours has changed" in self.said)
        eventually(lambda: not self.children())

    def children(self) -> list[str]:
        """The processes that it has started and that are there."""
        pid = self.process.pid
        return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()

    def descriptors(self) -> list[str]:
        """What its descriptors are."""
        links = []
        for entry in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                links.append(str(entry.readlink()))
            except FileNotFoundError:
                continue
        return links

    def resident_mb(self) -> float:
        """Its resident memory."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in text.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def cpu_seconds(self) -> float:
        """Processor time, that of its children too."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def files(root: Path) -> dict[str, tuple[int, int, int]]:
    """Every file below a folder, with what tells whether it was touched; the tests' own log is not among them."""
    found = {}
    for path in root.rglob("*"):
        if path.is_file() and path.suffix != ".stderr":
            status = path.stat()
            found[str(path)] = (status.st_mtime_ns, status.st_size, status.st_ino)
    return found
