from __future__ import annotations

import errno
import os
import stat
import time
from typing import TYPE_CHECKING, Any

import pytest

from litellm_discover.errors import ConfigError
from litellm_discover.io import disk, files
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.io.files import LockedFile

    Locked = Callable[[Path], AbstractContextManager[LockedFile]]

OLD, NEW = b'{"theirs": true}\n', b'{"theirs": true, "ours": true}\n' * 500

# Which call fails, how, and what the person reads.
FAULTS = [
    ("write", errno.ENOSPC, "No space left on device"),
    ("write", errno.EDQUOT, "Disk quota exceeded"),
    ("write", errno.EIO, "Input/output error"),
    ("fsync", errno.EIO, "Input/output error"),
    ("fchmod", errno.EPERM, "permissions or attributes would be lost: Operation not permitted"),
    ("fchown", errno.EPERM, "permissions or attributes would be lost: Operation not permitted"),
    ("replace", errno.EXDEV, "Invalid cross-device link"),
    ("replace", errno.EROFS, "Read-only file system"),
    ("replace", errno.EACCES, "Permission denied"),
    ("replace", errno.EBUSY, "it is mounted as a single file, which cannot be replaced"),
]


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def path(folder: Path) -> Path:
    """A file of somebody else, where we can make one, that others may read."""
    path = folder / "c.json"
    path.write_bytes(OLD)
    path.chmod(0o644)
    if os.geteuid() == 0:
        os.chown(path, 1234, 1235)
    return path


def failing(code: int) -> Callable[..., Any]:
    """A call that fails."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def untouched(path: Path, before: os.stat_result) -> bool:
    """Whether the file is the same, byte by byte and by identity, and the only one."""
    after = path.stat()
    return (
        path.read_bytes() == OLD
        and (after.st_ino, after.st_mode, after.st_uid, after.st_mtime_ns, after.st_ctime_ns)
        == (before.st_ino, before.st_mode, before.st_uid, before.st_mtime_ns, before.st_ctime_ns)
        and names(path.parent) == [path.name]
    )


@pytest.mark.parametrize(("call", "code", "words"), FAULTS, ids=lambda value: errno.errorcode.get(value, value))
def test_a_fault_leaves_the_old_bytes(
    path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch, call: str, code: int, words: str
) -> None:
    """Whatever fails on the way: the old file, no other file, and one line that says what happened."""
    if call == "fchown" and os.geteuid() != 0:
        pytest.skip("only root can give files away")
    before = path.stat()
    monkeypatch.setattr(os, call, failing(code))
    with pytest.raises(ConfigError) as caught, locked(path) as file:
        file.update(lambda _: NEW)
    monkeypatch.undo()
    assert f"{path} cannot be written: " in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint
    assert untouched(path, before)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC], ids=errno.errorcode.get)
def test_a_temporary_file_that_cannot_be_made_is_told(
    path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """There is no other way of writing to fall back to."""
    before = path.stat()
    system_open = os.open

    def guarded(name: Any, flags: int, *args: Any) -> int:
        if flags & os.O_EXCL:
            raise OSError(code, os.strerror(code))
        assert not flags & os.O_TRUNC
        assert not flags & (os.O_WRONLY | os.O_RDWR) or str(name).endswith(".lock")
        return system_open(name, flags, *args)

    monkeypatch.setattr(os, "open", guarded)
    with pytest.raises(ConfigError, match=os.strerror(code)), locked(path) as file:
        file.update(lambda _: NEW)
    monkeypatch.undo()
    assert untouched(path, before)


def test_an_error_at_closing_counts(path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network drive may notice a full quota only then."""
    before = path.stat()
    written: list[int] = []
    system_write, system_close = os.write, os.close

    def write(descriptor: int, data: bytes) -> int:
        written.append(descriptor)
        return system_write(descriptor, data)

    def close(descriptor: int) -> None:
        system_close(descriptor)
        if written and descriptor == written[-1]:
            written.clear()
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(os, "close", close)
    with pytest.raises(ConfigError, match="quota"), locked(path) as file:
        file.update(lambda _: NEW)
    monkeypatch.undo()
    assert untouched(path, before)


def test_short_writes_are_continued(path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take fewer bytes than it was given."""
    system_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: system_write(descriptor, data[:977]))
    with locked(path) as file:
        file.update(lambda _: NEW)
    assert path.read_bytes() == NEW


def test_a_disk_that_takes_nothing_is_full(path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write of zero bytes again and again would never end."""
    before = path.stat()
    system_write = os.write
    taken: list[int] = []

    def write(descriptor: int, data: bytes) -> int:
        assert 0 not in taken, "asked again"
        taken.append(system_write(descriptor, data[: 4096 - sum(taken)]))
        return taken[-1]

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(ConfigError, match="No space left"), locked(path) as file:
        file.update(lambda _: NEW)
    monkeypatch.undo()
    assert taken == [4096, 0]
    assert untouched(path, before)


def test_bytes_that_are_not_there_after_all_are_noticed(
    path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size of the temporary file is compared with what was given to the system."""
    before = path.stat()
    system_write = os.write

    def write(descriptor: int, data: bytes) -> int:
        system_write(descriptor, data[:-1])
        return len(data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(ConfigError, match="Input/output error"), locked(path) as file:
        file.update(lambda _: NEW)
    monkeypatch.undo()
    assert untouched(path, before)


def test_an_interrupt_leaves_nothing_behind(path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the middle of a write passes through, after the temporary file is removed."""
    before = path.stat()

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt), locked(path) as file:
        file.update(lambda _: NEW)
    monkeypatch.undo()
    assert untouched(path, before)


def test_names_are_on_the_disk_too(tmp_path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory is synced after each new or removed name in it; before a rename, so are the bytes."""
    path = tmp_path / "a" / "b" / "c.json"
    system_fsync = os.fsync
    synced: list[int] = []

    def fsync(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        system_fsync(descriptor)

    with locked(path) as file:
        monkeypatch.setattr(os, "fsync", fsync)
        file.update(lambda _: NEW)
        inodes = [item.stat().st_ino for item in (tmp_path, path.parent.parent, path, path.parent)]
        file.update(lambda _: None)
    assert synced == [*inodes, inodes[-1]]


def test_a_directory_that_cannot_be_synced_is_no_failure(
    path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name has changed by then: an error would say that nothing was written, which is not so."""
    system_fsync = os.fsync
    synced: list[bool] = []

    def fsync(descriptor: int) -> None:
        synced.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        if synced[-1]:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        system_fsync(descriptor)

    with locked(path) as file:
        monkeypatch.setattr(os, "fsync", fsync)
        assert file.update(lambda _: NEW).changed
    assert path.read_bytes() == NEW
    assert synced == [False, True]


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES], ids=errno.errorcode.get)
def test_a_file_that_cannot_be_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Half of a file is no file."""
    monkeypatch.setattr(os, "read", failing(code))
    with pytest.raises(ConfigError, match=rf"c\.json cannot be read: {os.strerror(code)}"):
        files.read(path)


@pytest.mark.parametrize("code", [errno.EPERM, errno.EBUSY], ids=errno.errorcode.get)
def test_a_file_that_cannot_be_removed_is_told(
    path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Removing has the same words as writing."""
    before = path.stat()
    monkeypatch.setattr(os, "unlink", failing(code))
    with pytest.raises(ConfigError, match=r"c\.json cannot be written"), locked(path) as file:
        file.update(lambda _: None)
    monkeypatch.undo()
    assert untouched(path, before)


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO], ids=errno.errorcode.get)
def test_without_a_lock_nothing_is_written(
    path: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """Some network drives have no locks; a write without one could lose another's."""
    fcntl = pytest.importorskip("fcntl")
    before = path.stat()
    monkeypatch.setattr(fcntl, "flock", failing(code))
    with pytest.raises(ConfigError, match=rf"c\.json cannot be locked: .*\.lock: {os.strerror(code)}"), locked(path):
        pytest.fail("the block must not run")
    assert untouched(path, before)


def test_a_directory_of_locks_that_cannot_be_made_is_told(path: Path, tmp_path: Path) -> None:
    """Where there is no place for a lock, there is no lock."""
    (tmp_path / "file").write_bytes(b"")
    before = path.stat()
    with (
        pytest.raises(ConfigError, match=r"c\.json cannot be locked: .*: Not a directory"),
        files.locked(path, locks=tmp_path / "file" / "locks", deadline=Deadline.after(1)),
    ):
        pytest.fail("the block must not run")
    assert untouched(path, before)


class Windows:
    """Renames as Windows does them: refused a number of times, while a program has the file open."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self._rename = os.replace

    def replace(self, source: str, target: str) -> None:
        if self.refusals > 0:
            self.refusals -= 1
            raise PermissionError(errno.EACCES, "Access is denied")
        self._rename(source, target)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Windows:
    """The part of Windows that matters here."""
    windows = Windows(3)
    monkeypatch.setattr(disk, "_WINDOWS", True)
    monkeypatch.setattr(os, "replace", windows.replace)
    return windows


def test_windows_is_asked_again_while_the_file_is_open(path: Path, locked: Locked, windows: Windows) -> None:
    """A virus scanner lets go after a moment."""
    with locked(path) as file:
        file.update(lambda _: NEW)
    assert (path.read_bytes(), windows.refusals) == (NEW, 0)


@pytest.mark.parametrize(("seconds", "limit"), [(0.2, 0.9), (30, 3)], ids=["deadline", "one second"])
def test_windows_is_not_asked_for_ever(
    path: Path, tmp_path: Path, windows: Windows, seconds: float, limit: float
) -> None:
    """After a second, or at the deadline, the file stays as it is."""
    windows.refusals = 1000
    before = path.stat()
    start = time.monotonic()
    with (
        pytest.raises(ConfigError, match="Access is denied"),
        files.locked(path, locks=tmp_path / "locks", deadline=Deadline.after(seconds)) as file,
    ):
        file.update(lambda _: NEW)
    assert time.monotonic() - start < limit
    assert untouched(path, before)


def test_an_edit_while_windows_refuses_is_noticed(
    path: Path, locked: Locked, windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait for the rename is long enough for an editor to save."""
    calls: list[bytes | None] = []

    def replace(source: str, target: str) -> None:
        if windows.refusals == 2:
            path.write_bytes(b"edited")
        windows.replace(source, target)

    monkeypatch.setattr(os, "replace", replace)

    def change(before: bytes | None) -> bytes:
        calls.append(before)
        return b"ours+" + (before or b"")

    with locked(path) as file:
        file.update(change)
    assert calls == [OLD, b"edited"]
    assert path.read_bytes() == b"ours+edited"
