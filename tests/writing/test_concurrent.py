from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


def writers(command: Callable[..., list[str]], path: Path, locks: Path, processes: int, rounds: int) -> None:
    """Run many processes that add keys to one file, all at once."""
    lines = [command("add_keys", path, locks, f"writer-{number}", rounds) for number in range(processes)]
    running = [subprocess.Popen(line, stderr=subprocess.PIPE, text=True) for line in lines]
    failures = [process.communicate(timeout=300)[1] for process in running]
    assert not any(failures), next(filter(None, failures))


@pytest.mark.parametrize(
    ("processes", "rounds"),
    [(8, 5), pytest.param(50, 20, marks=pytest.mark.long)],
)
def test_no_update_is_lost(
    folder: Path, tmp_path: Path, command: Callable[..., list[str]], processes: int, rounds: int
) -> None:
    """Every key that any process added is there."""
    path = folder / "c.json"
    path.write_bytes(b'{"theirs": true}')
    writers(command, path, tmp_path / "locks", processes, rounds)
    keys = {f"writer-{number}-{turn}" for number in range(processes) for turn in range(rounds)}
    assert json.loads(path.read_bytes()).keys() == {"theirs", *keys}
    assert names(folder) == ["c.json"]


@pytest.mark.parametrize("times", [300, pytest.param(5000, marks=pytest.mark.long)])
def test_no_reader_sees_a_torn_file(
    folder: Path, tmp_path: Path, command: Callable[..., list[str]], times: int
) -> None:
    """Whoever reads during writes finds one whole content, always of full size."""
    path, size = folder / "c.json", 64 * 1024
    path.write_bytes(b"x" * size)
    seen: set[bytes] = set()
    reads = 0
    with subprocess.Popen(command("flip", path, tmp_path / "locks", times, size)) as writer:
        while writer.poll() is None:
            data = path.read_bytes()
            assert len(data) == size
            assert data == data[:1] * size
            assert len(files.read(path) or b"") == size
            seen.add(data[:1])
            reads += 1
    assert writer.returncode == 0
    assert reads > 20
    assert len(seen) > 2  # it was read while it was written
