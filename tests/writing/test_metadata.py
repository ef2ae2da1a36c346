from __future__ import annotations

import errno
import os
import shutil
import stat
import struct
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from litellm_discover.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from litellm_discover.io.files import LockedFile

    Locked = Callable[[Path], AbstractContextManager[LockedFile]]

if sys.platform == "win32":
    pytest.skip("Windows has other permissions", allow_module_level=True)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
needs_attributes = pytest.mark.skipif(sys.platform != "linux", reason="Python reads attributes on Linux only")

ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"


def names(folder: Path) -> list[str]:
    """What is in a folder, to see that nothing temporary stays."""
    return sorted(path.name for path in folder.iterdir())


def acl(*, user: int, permissions: int) -> bytes:
    """An access control list as the kernel stores it: owner rw, one more user, group r, mask rw, others nothing."""
    nobody = 0xFFFFFFFF
    entries = ((1, 6, nobody), (2, permissions, user), (4, 4, nobody), (16, 6, nobody), (32, 0, nobody))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def set_attribute(path: Path, name: str, value: bytes) -> None:
    """Set an extended attribute, or skip the test where there are none."""
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"the file system has no {name}: {error.strerror}")


def attributes(path: Path) -> dict[str, bytes]:
    """All extended attributes of a file."""
    return {name: os.getxattr(path, name) for name in os.listxattr(path)}


@pytest.mark.parametrize("mode", [0o400, 0o444, 0o500], ids=oct)
@pytest.mark.parametrize("content", [b"new", None], ids=["written", "removed"])
def test_a_read_only_file_is_refused(folder: Path, locked: Locked, mode: int, content: bytes | None) -> None:
    """A rename would replace it without a complaint, and for root nothing is read-only; the person said it is."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    before = path.stat()
    with (
        pytest.raises(ConfigError, match=r"c\.json cannot be written: it is read-only") as caught,
        locked(path) as file,
    ):
        file.update(lambda _: content)
    assert f"Make {path} writable" in caught.value.hint
    assert path.stat().st_ino == before.st_ino
    assert (path.read_bytes(), names(folder)) == (b"old", ["c.json"])


@needs_root
def test_the_owner_is_kept(folder: Path, locked: Locked) -> None:
    """Root changes a person's file and it stays the person's, with its mode."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    os.chown(path, 1234, 1235)
    path.chmod(0o640)
    with locked(path) as file:
        file.update(lambda _: b"new")
    status = path.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 1235, 0o640)


@needs_root
def test_a_file_whose_owner_cannot_be_kept_is_refused(
    public: Path, as_nobody: Callable[[Path, Path], subprocess.CompletedProcess[str]]
) -> None:
    """A file of somebody else that we may write would become ours; that is not what they allowed."""
    path = public / "c.json"
    path.write_bytes(b"old")
    path.chmod(0o666)
    done = as_nobody(path, public / "locks")
    assert done.returncode == 1
    assert "its owner, permissions or attributes would be lost" in done.stdout
    assert (path.read_bytes(), path.stat().st_uid) == (b"old", 0)
    assert names(public) == ["c.json", "locks"]


@needs_root
def test_the_group_of_a_shared_directory(folder: Path, locked: Locked) -> None:
    """A directory with the setgid bit gives its group to a new file, and an old file keeps the group that it has."""
    os.chown(folder, 0, 1235)
    folder.chmod(0o2770)
    old, new = folder / "old.json", folder / "new.json"
    old.write_bytes(b"old")
    os.chown(old, 0, 1236)
    for path in (old, new):
        with locked(path) as file:
            file.update(lambda _: b"new")
    assert (old.stat().st_gid, new.stat().st_gid) == (1236, 1235)


@needs_attributes
def test_extended_attributes_are_kept(folder: Path, locked: Locked) -> None:
    """All of them, byte by byte."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    set_attribute(path, "user.note", b"\0kept\xff")
    set_attribute(path, "user.empty", b"")
    before = attributes(path)
    with locked(path) as file:
        file.update(lambda _: b"new")
    assert attributes(path) == before


@needs_attributes
def test_an_access_control_list_is_kept(folder: Path, locked: Locked) -> None:
    """Who could read the file still can, and the mode, which is a part of the list, is the same."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    set_attribute(path, ACL, acl(user=1234, permissions=4))
    mode = path.stat().st_mode
    with locked(path) as file:
        file.update(lambda _: b"new")
    assert os.getxattr(path, ACL) == acl(user=1234, permissions=4)
    assert path.stat().st_mode == mode


@needs_attributes
def test_an_access_control_list_that_comes_from_the_directory_is_not_added(folder: Path, locked: Locked) -> None:
    """A new file inherits it; the old file did not have it, and so nobody more may read the new one."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    set_attribute(folder, DEFAULT_ACL, acl(user=1234, permissions=4))
    with locked(path) as file:
        file.update(lambda _: b"new")
    assert ACL not in attributes(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@needs_attributes
@pytest.mark.parametrize("failure", [errno.ENOTSUP, errno.EPERM, errno.ENOSPC], ids=errno.errorcode.get)
def test_an_attribute_that_cannot_be_kept_is_a_refusal(
    folder: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch, failure: int
) -> None:
    """It may be the label that protects the file: nothing is written without it."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    set_attribute(path, "user.note", b"kept")

    def fail(*_: object) -> None:
        raise OSError(failure, os.strerror(failure))

    monkeypatch.setattr(os, "setxattr", fail)
    with pytest.raises(ConfigError, match=r"c\.json cannot be written: its owner, permissions"), locked(path) as file:
        file.update(lambda _: b"new")
    assert (path.read_bytes(), attributes(path)["user.note"]) == (b"old", b"kept")
    assert names(folder) == ["c.json"]


@needs_attributes
def test_a_file_system_without_attributes_is_fine(
    folder: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has none has none to lose."""
    path = folder / "c.json"
    path.write_bytes(b"old")

    def none(*_: object) -> list[str]:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "listxattr", none)
    with locked(path) as file:
        file.update(lambda _: b"new")
    assert path.read_bytes() == b"new"


@needs_attributes
def test_a_digest_of_the_kernel_is_not_copied(folder: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was made from the old bytes: on the new ones it would be wrong, and could make the file unreadable."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    asked: list[object] = []

    def getxattr(_file: object, name: object) -> bytes:
        asked.append(name)
        return b""

    monkeypatch.setattr(os, "listxattr", lambda _: ["security.ima", "security.evm", "user.note"])
    monkeypatch.setattr(os, "getxattr", getxattr)
    with locked(path) as file:
        file.update(lambda _: b"new")
    assert (path.read_bytes(), set(asked)) == (b"new", {"user.note"})


@needs_root
@needs_attributes
def test_an_immutable_file_is_refused(folder: Path, locked: Locked) -> None:
    """`chattr +i` is one more way to say that nobody shall write."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    chattr = shutil.which("chattr")
    if chattr is None or subprocess.run([chattr, "+i", path], capture_output=True, check=False).returncode != 0:
        pytest.skip("files cannot be made immutable here")
    try:
        with pytest.raises(ConfigError, match=r"c\.json cannot be written: it is read-only"), locked(path) as file:
            file.update(lambda _: b"new")
    finally:
        subprocess.run([chattr, "-i", path], check=True)
    assert (path.read_bytes(), names(folder)) == (b"old", ["c.json"])


@pytest.mark.parametrize("mode", [0o600, 0o640], ids=oct)
def test_nobody_can_look_into_the_temporary_file(folder: Path, locked: Locked, mode: int) -> None:
    """An observer of the directory never sees a file that is more open than the old one, even with a umask of 0."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    seen: set[int] = set()
    done = threading.Event()

    def observe() -> None:
        while not done.is_set():
            for entry in os.scandir(folder):
                try:
                    seen.add(stat.S_IMODE(entry.stat().st_mode) if entry.name != "c.json" else mode)
                except FileNotFoundError:
                    continue

    observer = threading.Thread(target=observe)
    umask = os.umask(0)
    try:
        observer.start()
        for _ in range(50):
            with locked(path) as file:
                file.update(lambda before: (before or b"") + b".")
    finally:
        os.umask(umask)
        done.set()
        observer.join()
    assert seen <= {0o600, mode}


def test_the_temporary_file_is_closed_at_every_step(
    folder: Path, locked: Locked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each call that could open it, it is 0600; only the last call gives it the mode of the old file."""
    path = folder / "c.json"
    path.write_bytes(b"old")
    path.chmod(0o644)
    steps: list[tuple[str, list[int]]] = []

    def watch(name: str) -> None:
        call = getattr(os, name)

        def watched(*args: object, **kwargs: object) -> object:
            result = call(*args, **kwargs)
            modes = [stat.S_IMODE(item.stat().st_mode) for item in folder.iterdir() if item != path]
            if modes:
                steps.append((name, modes))
            return result

        monkeypatch.setattr(os, name, watched)

    for name in ("open", "write", "fchown", "listxattr", "fchmod", "fsync", "replace"):
        if hasattr(os, name):
            watch(name)
    with locked(path) as file:
        file.update(lambda _: b"new")
    names = [name for name, _ in steps]
    closed = names.index("fchmod")
    assert {mode for _, modes in steps[:closed] for mode in modes} == {0o600}
    assert {mode for _, modes in steps[closed:] for mode in modes} == {0o644}
    assert names[0] == "open"
    assert {"write", "fchmod", "fsync"} <= set(names)
