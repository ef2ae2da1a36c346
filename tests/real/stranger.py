"""A person who has just found the project, and the programs that they install it with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from loopback import homes
from tools.release import lock

from litellm_discover import __version__
from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
LIMIT_S = 300

DISTRIBUTIONS = 12 if sys.platform != "win32" else 13


def installer(name: str, variable: str, folder: str) -> Path:
    """A program of `make tools`, or the one that the variable names."""
    program = Path(os.environ.get(variable) or ROOT / ".tools" / folder / "bin" / name)
    if not program.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not there: run `make tools`")
        pytest.skip(f"{name} is not there: run `make tools`, or name it in {variable}")
    return program


@dataclass(frozen=True, slots=True)
class Stranger:
    """A person who has nothing but the wheel: a home with nothing else in it."""

    root: Path
    wheel: Path

    @property
    def env(self) -> dict[str, str]:
        """That home, the versions of the lock, and how packages are fetched from here."""
        said = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "SSL_CERT"))}
        versions = self.root / "constraints.txt"
        versions.write_text("".join(f"{each.name}=={each.version}\n" for each in lock.read()), "utf-8")
        return {
            **said,
            **homes(self.root),
            "PIP_CONSTRAINT": str(versions),
            "UV_CONSTRAINT": str(versions),
            "UV_PYTHON": sys.executable,
            "UV_CACHE_DIR": str(self.root / "uv-cache"),
            "UV_TOOL_DIR": str(self.root / "uv-tools"),
            "UV_TOOL_BIN_DIR": str(self.root / "bin"),
            "PIPX_HOME": str(self.root / "pipx"),
            "PIPX_BIN_DIR": str(self.root / "bin"),
            "PIPX_MAN_DIR": str(self.root / "man"),
            "PIPX_DEFAULT_PYTHON": sys.executable,
        }

    def run(self, *line: str | Path, env: Mapping[str, str] | None = None) -> str:
        """What a program prints, which must succeed."""
        done = subprocess.run(
            [*map(str, line)],
            cwd=self.root,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def works(self, *program: str | Path) -> None:
        """The command says its version, finds a proxy, and has its data, its plugins and its man page with it."""
        assert self.run(*program, "--version") == f"litellm-discover {__version__}\n"
        with example_proxy() as (port, key):
            env = {"LITELLM_API_KEY": key, "LITELLM_DISCOVER_PORT": str(port)}
            document = json.loads(self.run(*program, "--json", "--write", "all", env=env))
        assert len(document["models"]) == 30
        self.run(*program, "shim", "install", "pi")
        assert list(self.root.rglob("extensions/litellm-discover.js"))

    def by_pip(self) -> Path:
        """An environment of its own with the package in it."""
        self.run(sys.executable, "-m", "venv", "environment")
        environment = self.root / "environment"
        self.run(environment / "bin" / "pip", "install", "--quiet", self.wheel)
        self.run(environment / "bin" / "pip", "check")
        return environment

    def has_all_and_no_more(self, environment: Path) -> None:
        """12 distributions beside ours, none that runs at the start of the interpreter, and the man page."""
        packages = {path.name.split("-")[0] for path in environment.rglob("*.dist-info")}
        installers = {"pip", "setuptools", "wheel", "uv"}
        assert len(packages - installers - {"litellm_discover"}) <= DISTRIBUTIONS, packages
        paths = [path for path in environment.rglob("*.pth") if "distutils" not in path.name and path.read_text()]
        assert [path for path in paths if path.name not in {"_virtualenv.pth", "pipx_shared.pth"}] == []
        assert (environment / "share" / "man" / "man1" / "litellm-discover.1").is_file()
