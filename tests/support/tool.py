"""Runs litellm-discover as its user does: the console script, in a home of its own, with nothing inherited."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(root / "home"),
        "XDG_CONFIG_HOME": str(root / "config"),
        "XDG_DATA_HOME": str(root / "data"),
        "XDG_STATE_HOME": str(root / "state"),
        "XDG_CACHE_HOME": str(root / "cache"),
        **(env or {}),
    }
    done = subprocess.run(
        [PROGRAM, *arguments],
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )
    return Run(done.stdout, done.stderr, done.returncode)
