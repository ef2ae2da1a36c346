"""The wheel in empty environments, by each of the programs that people install it with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from loopback import homes
from tools.release import dist, lock

from litellm_discover import __version__
from litellm_discover.io.example_proxy import example_proxy

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
LIMIT_S = 300

DISTRIBUTIONS = 15 if sys.platform != "win32" else 16


def installer(name: str, variable: str, folder: str) -> Path:
    """A program of `make tools`, or the one that the variable names."""
    program = Path(os.environ.get(variable) or ROOT / ".tools" / folder / "bin" / name)
    if not program.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not there: run `make tools`")
        pytest.skip(f"{name} is not there: run `make tools`, or name it in {variable}")
    return program


@dataclass(frozen=True, slots=True)
class Empty:
    """A home with nothing in it, and the wheel that is installed there."""

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

    def run(self, *line: str | Path) -> str:
        """What a program prints, which must succeed."""
        done = subprocess.run(
            [*map(str, line)],
            cwd=self.root,
            env=self.env,
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
            done = subprocess.run(
                [*map(str, program), "--json", "--write", "all"],
                cwd=self.root,
                env={**self.env, **env},
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                check=False,
            )
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)["models"]) == 30
        self.run(*program, "shim", "install", "pi")
        assert list(self.root.rglob("extensions/litellm-discover.js"))

    def has_all_and_no_more(self, environment: Path) -> None:
        """15 distributions beside ours, none that runs at the start of the interpreter, and the man page."""
        packages = {path.name.split("-")[0] for path in environment.rglob("*.dist-info")}
        installers = {"pip", "setuptools", "wheel", "uv"}
        assert len(packages - installers - {"litellm_discover"}) <= DISTRIBUTIONS, packages
        paths = [path for path in environment.rglob("*.pth") if "distutils" not in path.name and path.read_text()]
        assert [path for path in paths if path.name not in {"_virtualenv.pth", "pipx_shared.pth"}] == []
        assert (environment / "share" / "man" / "man1" / "litellm-discover.1").is_file()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this folder."""
    folder = tmp_path_factory.mktemp("wheel")
    dist.build(ROOT, folder, "wheel")
    (built,) = folder.iterdir()
    return built


@pytest.fixture
def empty(wheel: Path, tmp_path: Path) -> Empty:
    """A person who has nothing."""
    (tmp_path / "home").mkdir()
    return Empty(tmp_path, wheel)


def test_pip_installs_it(empty: Empty) -> None:
    """Into an environment of its own."""
    empty.run(sys.executable, "-m", "venv", "environment")
    environment = empty.root / "environment"
    empty.run(environment / "bin" / "pip", "install", "--quiet", empty.wheel)
    empty.run(environment / "bin" / "pip", "check")
    empty.works(environment / "bin" / "litellm-discover")
    empty.has_all_and_no_more(environment)


def test_pipx_installs_it(empty: Empty) -> None:
    """With the man page where man finds it."""
    pipx = installer("pipx", "LITELLM_DISCOVER_TEST_PIPX", "pipx")
    empty.run(pipx, "install", empty.wheel)
    empty.works(empty.root / "bin" / "litellm-discover")
    assert (empty.root / "man" / "man1" / "litellm-discover.1").is_file()
    empty.has_all_and_no_more(empty.root / "pipx" / "venvs" / "litellm-discover")


def test_uv_installs_it_as_a_tool(empty: Empty) -> None:
    """And takes it away again."""
    uv = installer("uv", "LITELLM_DISCOVER_TEST_UV", "uv")
    empty.run(uv, "tool", "install", "--quiet", empty.wheel)
    empty.works(empty.root / "bin" / "litellm-discover")
    empty.has_all_and_no_more(empty.root / "uv-tools" / "litellm-discover")
    empty.run(uv, "tool", "uninstall", "litellm-discover")
    assert not (empty.root / "bin" / "litellm-discover").exists()


def test_uvx_runs_it(empty: Empty) -> None:
    """Without installing it."""
    uvx = installer("uvx", "LITELLM_DISCOVER_TEST_UVX", "uv")
    empty.works(uvx, "--quiet", "--from", empty.wheel, "litellm-discover")
    assert not (empty.root / "uv-tools" / "litellm-discover").exists()


@pytest.mark.long
def test_the_lock_installs_it_with_hashes(empty: Empty) -> None:
    """As docs/release.md says: nothing that the lock does not name."""
    empty.run(sys.executable, "-m", "venv", "environment")
    pip = empty.root / "environment" / "bin" / "pip"
    empty.run(pip, "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock.LOCK)
    empty.run(pip, "install", "--quiet", "--no-deps", empty.wheel)
    empty.run(pip, "check")
    empty.works(empty.root / "environment" / "bin" / "litellm-discover")
