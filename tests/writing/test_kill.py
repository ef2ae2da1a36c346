from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.io.files import LockedFile

    Locked = Callable[[Path], AbstractContextManager[LockedFile]]

if sys.platform == "win32":
    pytest.skip("there is no SIGKILL", allow_module_level=True)

CONTENTS = {
    ".json": b'{\n  "old": true\n}\n',
    ".jsonc": b'// mine\n{\n  "old": true, // of mine\n}\n',
}


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


@dataclass
class Tally:
    """What was found after each kill."""

    calls: list[str] = field(default_factory=list)
    outcomes: list[bytes | None] = field(default_factory=list)
    left: int = 0


@pytest.fixture
def kills(command: Callable[..., list[str]], tmp_path: Path) -> Callable[[Path], Iterator[str]]:
    """Runs one update after the other, each killed one call later than the one before, until one ends by itself."""

    def kills(path: Path) -> Iterator[str]:
        for number in range(1, 200):
            line = command("update", path, tmp_path / "locks", 0, number)
            done = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
            if done.returncode == 0:
                return
            assert done.returncode == -signal.SIGKILL, done.stderr or done.stdout
            yield done.stdout
        pytest.fail("the update never ended")

    return kills


def clear(folder: Path) -> None:
    """Make the directory empty."""
    for path in folder.iterdir():
        path.unlink()


def age(folder: Path, path: Path) -> int:
    """Make every temporary file two minutes old. Gives their number."""
    rest = [item for item in folder.iterdir() if item != path]
    for item in rest:
        assert item.name.startswith(f".{path.name}.")
        assert item.name.endswith(".litellm-discover")
        assert stat.S_IMODE(item.stat().st_mode) in {0o600, 0o640}
        os.utime(item, (time.time() - 120,) * 2)
    return len(rest)


@pytest.mark.parametrize("linked", [False, True], ids=["plain", "symlinked"])
@pytest.mark.parametrize("suffix", CONTENTS)
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(
    folder: Path,
    tmp_path: Path,
    locked: Locked,
    kills: Callable[[Path], Iterator[str]],
    suffix: str,
    linked: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Before every single call: no third content, the same mode, and the next run succeeds and clears up."""
    old = CONTENTS[suffix]
    new = old.replace(b"old", b"new")
    path = folder / f"c{suffix}"
    name = tmp_path / f"link{suffix}" if linked else path
    if linked:
        name.symlink_to(path)
    tally = Tally()

    def prepare() -> None:
        clear(folder)
        path.write_bytes(old)
        path.chmod(0o640)

    prepare()
    for call in kills(name):
        tally.calls.append(call)
        tally.outcomes.append(path.read_bytes())
        assert tally.outcomes[-1] in {old, new}, call
        assert stat.S_IMODE(path.stat().st_mode) == 0o640, call
        assert name.is_symlink() == linked
        tally.left += age(folder, path)
        with locked(name) as file:
            assert file.update(lambda _: b"next").after == b"next", call
        assert (path.read_bytes(), names(folder)) == (b"next", [path.name]), call
        assert stat.S_IMODE(path.stat().st_mode) == 0o640, call
        prepare()
    assert path.read_bytes() == new
    # The kills were where they should be: on both sides of the rename, and with a temporary file on the disk.
    assert {"open", "flock", "fstat", "write", "fchmod", "fsync", "replace", "close"} <= set(tally.calls)
    assert tally.outcomes == [old] * tally.outcomes.count(old) + [new] * tally.outcomes.count(new)
    assert tally.outcomes.count(old) > 20
    assert tally.outcomes.count(new) > 2
    assert tally.left > 5


def test_a_kill_while_a_file_is_made_leaves_none_or_a_whole_one(
    folder: Path, locked: Locked, kills: Callable[[Path], Iterator[str]]
) -> None:
    """The first run ever, with its directories, can be killed before every call too."""
    new = b'{"new": ""}\n'
    path = folder / "deep" / "c.json"
    outcomes = []
    for call in kills(path):
        outcomes.append(path.read_bytes() if path.exists() else None)
        assert outcomes[-1] in {None, new}, call
        if path.parent.exists():
            age(path.parent, path)
        with locked(path) as file:
            file.update(lambda _: b"next")
        assert (path.read_bytes(), names(path.parent)) == (b"next", ["c.json"]), call
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, call
        clear(path.parent)
        path.parent.rmdir()
    assert path.read_bytes() == new
    assert {None, new} == set(outcomes)


def test_only_what_is_certainly_ours_is_cleared_up(folder: Path, locked: Locked) -> None:
    """Young temporary files, those of other files, and what only looks like one stay."""
    path = folder / "c.json"
    random = "0123456789abcdef"
    stale = f".c.json.{random}.litellm-discover"
    kept = [f".c.json.{random[::-1]}.litellm-discover", f".c.json.bak.{random}.litellm-discover", f".c.json.{random}"]
    for name in (stale, *kept):
        (folder / name).write_bytes(b"")
        if name != kept[0]:
            os.utime(folder / name, (time.time() - 120,) * 2)
    directory = f".c.json.{'d' * 16}.litellm-discover"
    (folder / directory).mkdir()
    os.utime(folder / directory, (time.time() - 120,) * 2)
    with locked(path) as file:
        file.update(lambda _: b"new")
    assert names(folder) == sorted(["c.json", directory, *kept])
