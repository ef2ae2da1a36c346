"""Runs litellm-discover as its user does: the console script, in a home of its own, with nothing inherited."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loopback import homes

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT_S = 20.0

PROGRAM = Path(sys.executable).with_name("litellm-discover")


@dataclass(frozen=True, slots=True)
class Run:
    """What one call printed and how it ended."""

    stdout: str
    stderr: str
    returncode: int

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


def discover(*arguments: str, root: Path, env: Mapping[str, str] | None = None) -> Run:
    """One call with the homes below `root`: `root/config/opencode` is OpenCode's configuration."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=root,
        env={**homes(root), **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
    return Run(done.stdout, done.stderr, done.returncode)
