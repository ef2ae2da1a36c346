from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from litellm_discover.io.files import LockedFile

PROGRAMS = Path(__file__).parent / "programs"
NOBODY = 65534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty directory for the file under test; the locks are elsewhere."""
    folder = tmp_path / "config"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def locked(tmp_path: Path) -> Callable[[Path], AbstractContextManager[LockedFile]]:
    """Locks a file with time enough."""

    def locked(path: Path) -> AbstractContextManager[LockedFile]:
        return files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(30))

    return locked


@pytest.fixture
def command() -> Callable[..., list[str]]:
    """The command line of one of the programs beside the tests."""

    def command(program: str, *arguments: object) -> list[str]:
        return [sys.executable, "-I", str(PROGRAMS / f"{program}.py"), *map(str, arguments)]

    return command


@pytest.fixture
def public() -> Iterator[Path]:
    """A directory of the user nobody, who can enter it; pytest's own directories are closed to others."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        if os.geteuid() == 0:
            os.chown(directory, NOBODY, NOBODY)
        yield directory


@pytest.fixture
def as_nobody(command: Callable[..., list[str]]) -> Callable[[Path, Path], subprocess.CompletedProcess[str]]:
    """Updates a file as a user whom permissions stop: as ourselves, or as nobody when we are root."""
    user = NOBODY if os.geteuid() == 0 else 0

    def run(path: Path, locks: Path) -> subprocess.CompletedProcess[str]:
        line = command("update", path, locks, 0, 0, user)
        return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)

    return run


@pytest.fixture
def with_mounts(command: Callable[..., list[str]]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Updates a file between two shell commands; what the first one mounts is seen here only, and ends with it."""
    namespace = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]

    def run(before: str, *arguments: object, after: str = "true") -> subprocess.CompletedProcess[str]:
        script = f'{before} && {{ "$@"; status=$?; {after}; exit $status; }}'
        return subprocess.run(
            [*namespace, "sh", "-c", script, "sh", *command("update", *arguments)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        try:
            done = run(f"mount -t tmpfs none {name}", directory / "c.json", directory / "locks")
        except FileNotFoundError:
            pytest.skip("there is no unshare")
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {done.stderr[-200:]}")
    return run
