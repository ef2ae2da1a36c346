from __future__ import annotations

import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from litellm_discover.errors import ConfigError
from litellm_discover.io import files, locks
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.io.files import LockedFile

    Locked = Callable[[Path], AbstractContextManager[LockedFile]]
    Hold = Callable[[Path], AbstractContextManager[subprocess.Popen[str]]]


@pytest.fixture
def hold(command: Callable[..., list[str]], tmp_path: Path) -> Hold:
    """A process that holds a file's lock until the end of the block."""

    @contextmanager
    def hold(path: Path) -> Iterator[subprocess.Popen[str]]:
        line = command("hold", path, tmp_path / "locks")
        with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
            process.kill()

    return hold


@pytest.mark.parametrize("seconds", [0, 0.3])
def test_a_lock_that_is_held_for_ever_ends_at_the_deadline(
    folder: Path, tmp_path: Path, hold: Hold, seconds: float
) -> None:
    """We give up in time, say which file it is and what to do, and touch nothing."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    with hold(path):
        start = time.monotonic()
        with (
            pytest.raises(ConfigError, match=r"c\.json is being changed by another litellm-discover") as caught,
            files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(seconds)),
        ):
            pytest.fail("the block must not run")
        assert seconds <= time.monotonic() - start < seconds + 1
    assert caught.value.code == "locked"
    [lock_file] = (tmp_path / "locks").iterdir()
    assert str(lock_file) in caught.value.hint
    assert path.read_bytes() == b"old"


def test_a_lock_ends_with_its_process(folder: Path, tmp_path: Path, hold: Hold) -> None:
    """After `kill -9` the lock file is still there and stops nobody."""
    path = folder / "c.json"
    with hold(path) as process:
        process.kill()
        process.wait()
        assert len(list((tmp_path / "locks").iterdir())) == 1
        with files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(0)) as file:
            file.update(lambda _: b"new")
    assert path.read_bytes() == b"new"


def test_a_lock_is_waited_for(folder: Path, hold: Hold, locked: Locked) -> None:
    """The one who comes second goes on as soon as the first has finished."""
    path = folder / "c.json"
    released = threading.Event()
    with hold(path) as process:

        def release() -> None:
            released.set()
            process.kill()

        timer = threading.Timer(0.2, release)
        timer.start()
        with locked(path):
            assert released.is_set()
        timer.join()


def test_every_name_of_a_file_has_the_same_lock(folder: Path, tmp_path: Path, hold: Hold) -> None:
    """A link, a linked directory and the file itself are one file, also before it is there."""
    path = folder / "c.json"
    (folder / "link.json").symlink_to(path)
    (tmp_path / "linked").symlink_to(folder)
    for name in (
        folder / "link.json",
        tmp_path / "linked" / "c.json",
        tmp_path / "linked" / ".." / "config" / "c.json",
    ):
        with (
            hold(name),
            pytest.raises(ConfigError, match="another litellm-discover"),
            files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(0)),
        ):
            pytest.fail("the block must not run")


def test_a_lock_alone_is_on_the_real_file_too(folder: Path, tmp_path: Path) -> None:
    """Whoever takes only the lock, without the file, need not resolve its links."""
    path = folder / "c.json"
    (folder / "link.json").symlink_to(path)
    with (
        locks.lock(folder / "link.json", tmp_path / "locks", Deadline.after(0)),
        pytest.raises(ConfigError, match="another litellm-discover"),
        locks.lock(path, tmp_path / "locks", Deadline.after(0)),
    ):
        pytest.fail("the block must not run")


def test_two_files_do_not_wait_for_each_other(folder: Path, tmp_path: Path, hold: Hold) -> None:
    """Each file has a lock of its own."""
    with (
        hold(folder / "a.json"),
        files.locked(folder / "b.json", locks=tmp_path / "locks", deadline=Deadline.after(0)) as file,
    ):
        file.update(lambda _: b"new")
    assert (folder / "b.json").read_bytes() == b"new"


def test_a_lock_holds_between_threads(folder: Path, locked: Locked) -> None:
    """Two threads of one process are two as well."""
    path = folder / "c.json"

    def add(letter: bytes) -> None:
        for _ in range(20):
            with locked(path) as file:
                file.update(lambda before: (before or b"") + letter)

    threads = [threading.Thread(target=add, args=(letter,)) for letter in (b"a", b"b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_bytes()) == sorted(b"a" * 20 + b"b" * 20)


def test_a_lock_is_not_inherited(folder: Path, tmp_path: Path, locked: Locked) -> None:
    """A program that we start does not keep the lock after us."""
    path = folder / "c.json"
    with locked(path):
        child = subprocess.Popen(["sleep", "30"], close_fds=False)
    try:
        with files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(0)):
            assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_locks_are_for_their_owner_alone(folder: Path, tmp_path: Path, locked: Locked) -> None:
    """Nobody else can hold one, and a name says nothing about the file."""
    path = folder / "secret-project.json"
    with locked(path):
        pass
    directory = tmp_path / "locks"
    [lock_file] = directory.iterdir()
    assert (directory.stat().st_mode & 0o777, lock_file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert "secret" not in lock_file.name
    assert lock_file.stat().st_size == 0


def test_a_lock_file_is_no_link(folder: Path, tmp_path: Path, locked: Locked) -> None:
    """A link in its place is not followed: it would create or open what someone else chose."""
    path = folder / "c.json"
    with locked(path):
        pass
    [lock_file] = (tmp_path / "locks").iterdir()
    lock_file.unlink()
    lock_file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="cannot be locked"), locked(path):
        pytest.fail("the block must not run")
    assert not (tmp_path / "elsewhere").exists()
