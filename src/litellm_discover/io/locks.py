"""One change of a file at a time, among our own processes."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from litellm_discover.errors import ConfigError
from litellm_discover.io import disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from litellm_discover.io.deadline import Deadline

_POLL = 0.01  # seconds; a change takes about as long


@contextmanager
def lock(path: Path, locks: Path, deadline: Deadline) -> Iterator[None]:
    """Keep every other process that asks for the same file's lock out, until the end of the block.

    The lock is on a file of its own in the directory ``locks``, one for each real path: a lock on the file itself
    would stay on the old one when a new file takes its name. It ends with its process, however that ends; the lock
    file stays, because removing it would let two in at once. It is not reentrant.

    Raises ConfigError: with the code ``locked`` when another process held it until the deadline, and when there can
    be no lock here.
    """
    real = os.path.normcase(os.path.realpath(path))
    file = locks / f"{hashlib.sha256(os.fsencode(real)).hexdigest()[:32]}.lock"
    try:
        disk.make_directory(locks)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | disk.NOFOLLOW | disk.PLAIN, 0o600)
    except OSError as error:
        raise _no_lock(path, file, error) from None
    try:
        _wait(descriptor, path, file, deadline)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back


def _wait(descriptor: int, path: Path, file: Path, deadline: Deadline) -> None:
    # Asking again and again, because a wait inside flock knows no deadline.
    try:
        while not lock_now(descriptor):
            if not deadline.left():
                raise ConfigError(
                    f"{path} is being changed by another litellm-discover",
                    hint=f"Try again. If that does not help, end the process that holds {file}.",
                    code="locked",
                )
            time.sleep(min(_POLL, deadline.left()))
    except OSError as error:
        raise _no_lock(path, file, error) from None


def _no_lock(path: Path, file: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"{path} cannot be locked: {file}: {error.strerror}",
        hint=f"{file.parent} must be writable and on a file system that has locks; a network drive may have none.",
    )


if sys.platform == "win32":
    import msvcrt

    def lock_now(descriptor: int) -> bool:
        """Whether the lock is ours now. Raises OSError when there can be none."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def lock_now(descriptor: int) -> bool:
        """Whether the lock is ours now. Raises OSError when there can be none."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
