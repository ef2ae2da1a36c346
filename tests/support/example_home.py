"""The folder of examples, and the home in which one of them is tried."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pages import reader
from tool import LIMIT_S

from litellm_discover.core.jsonc import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXAMPLES = Path(__file__).parents[2] / "examples"

ADDRESS = "https://llm.example.com"
"""What stands in the examples, and ``pages.stand_ins`` has a server for."""


def program(name: str) -> str:
    """The path of a program of the system; without it the test is skipped."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


class Home:
    """A home of its own, with a password store; see ``pages.reader``."""

    def __init__(self, root: Path, variables: Mapping[str, str] | None = None) -> None:
        self.env = {**reader(root), **(variables or {})}
        self.bin, self.path = root / "bin", root / "home"

    def run(self, command: Sequence[str | Path], status: int = 0) -> str:
        """What a command prints on stdout and stderr, after it ended as it should."""
        done = subprocess.run(
            command,
            cwd=self.path,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=4 * LIMIT_S,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout

    def agent(self, name: str) -> None:
        """A program of that name, which prints the key that it was given and its arguments."""
        path = self.bin / name
        path.write_text('#!/bin/sh\necho "key=$LITELLM_API_KEY arguments=$*"\n')
        path.chmod(0o755)

    def opencode(self, name: str = "opencode.jsonc") -> dict[str, Any]:
        """The models that OpenCode has, of all providers, by id; none without the file."""
        path = self.path / ".config" / "opencode" / name
        document: Any = parse(path.read_text("utf-8")) if path.exists() else {}
        providers = document.get("provider", {}).values()
        return {key: model for provider in providers for key, model in provider.get("models", {}).items()}

    def pi(self) -> list[str]:
        """The ids of Pi's models; none without the file."""
        path = self.path / ".pi" / "agent" / "models.json"
        document = json.loads(path.read_bytes()) if path.exists() else {"providers": {}}
        return [model["id"] for provider in document["providers"].values() for model in provider["models"]]


def copied(folder: Path, to: Path, addresses: Mapping[str, str]) -> Path:
    """A copy of an example in which the servers of the test stand for the addresses; modes as umask 022 makes them."""
    shutil.copytree(folder, to)
    for path in [to, *to.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
            continue
        text = path.read_text("utf-8")
        for name, address in addresses.items():
            text = text.replace(name, address)
        path.write_text(text, "utf-8")
        path.chmod(0o644)
    return to


def names(folder: Path) -> list[str]:
    """Everything below a folder, by its name."""
    return sorted(os.fspath(path.relative_to(folder)) for path in folder.rglob("*"))
