"""Putting a file into its place whole and for good; what must not be replaced is decided in ``files``."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.io.deadline import Deadline

# How everything is opened, as far as the platform knows it: not inherited by children, bytes as they are.
PLAIN = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)

_SUFFIX = ".litellm-discover"
_RANDOM_BYTES = 8
_STALE = 60.0  # seconds; a change takes less than one
_WINDOWS = os.name == "nt"
_IN_USE = 1.0  # seconds that Windows gets to close a file

# The kernel makes these from the bytes of a file: the old file's would be wrong on the new one.
_OF_THE_CONTENT = {"security.evm", "security.ima"}


def replace(
    target: Path,
    data: bytes,
    old: os.stat_result | None,
    unchanged: Callable[[], bool],
    deadline: Deadline,
) -> bool:
    """Give the name ``target`` to a new file with these bytes: a reader finds the old file or the new one.

    The new file gets owner, permissions and attributes of the file there, whose status is ``old``; if there is none
    it is for its owner alone. ``unchanged`` is asked at the last moment; if it says no, nothing happens and the answer
    is False. Raises OSError or ConfigError, and then everything is as it was.
    """
    make_directory(target.parent)
    temporary = target.parent / f".{target.name}.{os.urandom(_RANDOM_BYTES).hex()}{_SUFFIX}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NOFOLLOW | PLAIN, 0o600)
    try:
        try:
            _write(descriptor, data)
            if old is not None:
                _keep_metadata(descriptor, target, old)
            os.fsync(descriptor)
            if os.fstat(descriptor).st_size != len(data):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        finally:
            os.close(descriptor)  # some network drives say only here that they could not store it
        replaced = _rename(temporary, target, unchanged, deadline)
    finally:
        with suppress(OSError):
            temporary.unlink()
    if replaced:
        sync_directory(target.parent)
    return replaced


def remove(target: Path, unchanged: Callable[[], bool]) -> bool:
    """Remove the file, unless ``unchanged`` says no: then the answer is False. Raises OSError."""
    if not unchanged():
        return False
    target.unlink()
    sync_directory(target.parent)
    return True


def sweep(target: Path) -> None:
    """Remove the temporary files that killed runs left beside the target. What cannot be removed stays."""
    prefix = f".{target.name}."
    length = len(prefix) + 2 * _RANDOM_BYTES + len(_SUFFIX)
    with suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if len(entry.name) == length and entry.name.startswith(prefix) and entry.name.endswith(_SUFFIX):
                status = entry.stat(follow_symlinks=False)
                # A young one may belong to a run that keeps its locks elsewhere, as in a container.
                if stat.S_ISREG(status.st_mode) and time.time() - status.st_mtime > _STALE:
                    Path(entry.path).unlink()


def make_directory(directory: Path) -> None:
    """Make sure that the directory is there; what is new of it is for its owner alone. Raises OSError."""
    missing = [path for path in (directory, *directory.parents) if not path.exists()]
    for path in reversed(missing):
        with suppress(FileExistsError):  # someone else was faster
            path.mkdir(mode=0o700)
            sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make a changed name outlast a power failure, where that is possible.

    Where it is not, either name would come back, and the file behind it is whole.
    """
    if _WINDOWS:  # which cannot open a directory
        return
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY | PLAIN)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = os.write(descriptor, rest)
        if written == 0:  # a full disk on some file systems; asking again would never end
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]


def _rename(temporary: Path, target: Path, unchanged: Callable[[], bool], deadline: Deadline) -> bool:
    give_up = deadline.within(_IN_USE)
    while unchanged():
        try:
            temporary.replace(target)
        except PermissionError:
            # Windows refuses while any program has the file open; a virus scanner closes it in a moment.
            if not (_WINDOWS and give_up.left()):
                raise
            time.sleep(min(0.05, give_up.left()))
        else:
            return True
    return False


def _keep_metadata(descriptor: int, source: Path, status: os.stat_result) -> None:
    """Make the open file's metadata like the source's. Raises ConfigError when any of it would be lost.

    Extended attributes and access control lists are kept on Linux only, where Python can read them.
    """
    if sys.platform == "win32":  # a new file has the permissions of its directory, as those of its editors have
        return
    try:
        mine = os.fstat(descriptor)
        if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
            os.fchown(descriptor, status.st_uid, status.st_gid)
        _keep_attributes(descriptor, source)
        # Last, because the others change it: an access control list is part of the mode. Until here the file was
        # closed to everybody but its owner.
        mode = stat.S_IMODE(status.st_mode)
        if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
            os.fchmod(descriptor, mode)
    except OSError as error:
        raise ConfigError(
            f"{source} cannot be written: its owner, permissions or attributes would be lost: {error.strerror}",
            hint="Run this as the owner of the file.",
        ) from None


def _keep_attributes(descriptor: int, source: Path) -> None:
    if sys.platform != "linux":
        return
    wanted, present = _attributes(source), _attributes(descriptor)
    # Such as the access control list that a new file inherits: it could let in who could not read the old one.
    for name in present.keys() - wanted.keys():
        os.removexattr(descriptor, name)
    for name, value in wanted.items():
        # Only what differs: the label of a security module is there already, and setting it may be forbidden.
        if present.get(name) != value:
            os.setxattr(descriptor, name, value)


def _attributes(file: Path | int) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        names = os.listxattr(file)
    except OSError as error:
        if error.errno == errno.ENOTSUP:  # then there are none
            return {}
        raise
    return {name: os.getxattr(file, name) for name in names if name not in _OF_THE_CONTENT}
