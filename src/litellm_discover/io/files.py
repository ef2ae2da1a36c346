"""The person's files: reading one, and the only place that changes one.

What a change promises: the file has the old bytes or the new ones at every moment, also after a crash; a change that
someone else makes meanwhile is not lost; links, owner, permissions and attributes stay; or nothing was written, and
ConfigError says why. There is no way of writing to fall back to.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.errors import ConfigError
from litellm_discover.io import disk
from litellm_discover.io.locks import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from litellm_discover.io.deadline import Deadline

MAX_BYTES = 8 * 1024 * 1024
MAX_TRIES = 5

# Permission bits of a file.
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO

# Without waiting for the other end of a fifo, and without making a terminal ours.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | disk.PLAIN


def read(path: Path) -> bytes | None:
    """The bytes of the file, through symbolic links; None when there is none.

    Raises ConfigError when it is no regular file, too large, or cannot be read; it does not wait for any of these.
    """
    seen = _look(path, path)
    return None if seen is None else seen.data


def read_guarded(path: Path, forbidden: int, because: str) -> bytes | None:
    """The same for a file that must be the person's alone, ``because`` of what is in it.

    Raises ConfigError, too, when it has one of the ``forbidden`` permission bits, or belongs to neither this user nor
    root.
    """
    seen = _look(path, path)
    if seen is None or not hasattr(os, "getuid"):
        return None if seen is None else seen.data
    mode = stat.S_IMODE(seen.status.st_mode)
    if seen.status.st_uid not in {0, os.getuid()}:
        raise ConfigError(f"{path} belongs to another user, and {because}", hint=f"Make it yours: chown {path}")
    if mode & forbidden:
        done, remedy = ("written", "go-w") if forbidden == WRITABLE_BY_OTHERS else ("read", "600")
        raise ConfigError(
            f"{path} can be {done} by others (mode {mode:04o}), and {because}", hint=f"chmod {remedy} {path}"
        )
    return seen.data


@dataclass(frozen=True, slots=True)
class Written:
    """What a change did. ``path`` is the real file; ``before`` and ``after`` are None for "no file"."""

    path: Path
    before: bytes | None
    after: bytes | None

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.before != self.after


@contextmanager
def locked(path: Path, *, locks: Path, deadline: Deadline) -> Iterator[LockedFile]:
    """The file, while no other process of ours may change it; see ``locks.lock``. It need not exist.

    Raises ConfigError: with the code ``locked`` when another process kept it until the deadline, when there can be no
    lock in the directory ``locks``, and when its symbolic links lead in a circle.
    """
    real = _resolve(path)
    with lock(real, locks, deadline):
        yield LockedFile(path, real, deadline)


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file whose lock we hold: ``path`` as it was named, and ``real``, where its symbolic links lead."""

    path: Path
    real: Path
    deadline: Deadline

    def read(self) -> bytes | None:
        """The bytes of the file, or None when there is none. Raises ConfigError as ``files.read`` does."""
        seen = self._look()
        return None if seen is None else seen.data

    def update(self, change: Callable[[bytes | None], bytes | None]) -> Written:
        """Put what ``change`` makes of the file's bytes in their place; None stands for no file, both ways.

        ``change`` is called again when a program that knows nothing of our lock changed the file meanwhile, at most
        MAX_TRIES times in all. What it raises passes through, and nothing was written. Bytes that are equal are not
        written.

        Raises ConfigError: with the code ``hard_link`` for a file with other names, which would lose them; ``busy``
        when it changed at every try; and when it cannot be read or written, also because it is read-only.
        """
        disk.sweep(self.real)
        for _ in range(MAX_TRIES):
            seen = self._look()
            before = None if seen is None else seen.data
            after = change(before)
            if after == before or self._put(after, seen):
                return Written(self.real, before, after)
        raise ConfigError(
            f"{self.path} was changed by another program again and again",
            hint="Close the program that is writing it, and try again.",
            code="busy",
        )

    def _look(self) -> _Seen | None:
        # A link in its place is new, and would be replaced instead of followed.
        return _look(self.path, self.real, disk.NOFOLLOW)

    def _put(self, after: bytes | None, seen: _Seen | None) -> bool:
        """Write, create or remove; False when the file is not as it was seen any more."""

        def unchanged() -> bool:
            return self._look() == seen

        if after is not None and len(after) > MAX_BYTES:
            raise ConfigError(f"{self.path} would become larger than {MAX_BYTES} bytes")
        if seen is not None and (refusal := self._refusal(seen.status)) is not None:
            if unchanged():
                raise refusal
            return False
        try:
            if after is None:
                return disk.remove(self.real, unchanged)
            return disk.replace(self.real, after, seen.status if seen else None, unchanged, self.deadline)
        except OSError as error:
            raise self._failure(error) from None

    def _refusal(self, status: os.stat_result) -> ConfigError | None:
        """Why this file must not be replaced, although its directory would let us."""
        if status.st_nlink > 1:
            return ConfigError(
                f"{self.path} cannot be written: it has {status.st_nlink} names (hard links), which would be separated",
                hint=f"Make the others symbolic links: `find -L DIRECTORY -samefile {self.real}` finds them.",
                code="hard_link",
            )
        # Nothing stops root, and yet nobody who takes every write bit away wants root to write.
        if not status.st_mode & 0o222 or not os.access(self.real, os.W_OK):
            return ConfigError(
                f"{self.path} cannot be written: it is read-only",
                hint=f"Make {self.real} writable; if a program makes it, change it there.",
            )
        return None

    def _failure(self, error: OSError) -> ConfigError:
        if error.errno == errno.EBUSY:
            return ConfigError(
                f"{self.path} cannot be written: it is mounted as a single file, which cannot be replaced",
                hint="Mount its directory instead.",
            )
        return ConfigError(
            f"{self.path} cannot be written: {error.strerror}",
            hint=f"Check the permissions of {self.real.parent} and the space on its disk.",
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A regular file at one moment. Two are equal only when nobody has written, replaced or closed it between.

    The bytes count too: within one tick of the file system's clock, an edit of equal size changes nothing else.
    """

    data: bytes
    identity: tuple[int, ...]
    status: os.stat_result = field(compare=False)


def _look(path: Path, real: Path, flags: int = 0) -> _Seen | None:
    """What is at ``real``, None for nothing; ``path`` is its name for people. Raises ConfigError."""
    try:
        descriptor = os.open(real, _READ | flags)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _irregular(path)
        data = _content(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES} bytes", hint="This is no configuration file of a tool.")
    identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return _Seen(data, identity, status)


def _content(descriptor: int) -> bytes:
    data = bytearray()
    while len(data) <= MAX_BYTES and (part := os.read(descriptor, 256 * 1024)):
        data += part
    return bytes(data)


def _resolve(path: Path) -> Path:
    try:
        path.stat()
    except FileNotFoundError:
        pass  # also behind a symbolic link: what it names is what will be created
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    return Path(os.path.realpath(path))


def _unreadable(path: Path, error: OSError | ValueError) -> ConfigError:
    if not isinstance(error, OSError):  # a zero byte, or what is no Unicode
        return ConfigError(f"{str(path)!r} cannot be read: no file can have this name")
    if error.errno == errno.ELOOP:
        return ConfigError(
            f"{path} cannot be read: {error.strerror}",
            hint="Its symbolic links lead in a circle, or changed just now.",
        )
    if error.errno == errno.ENXIO:  # what opening a socket says
        return _irregular(path)
    return ConfigError(f"{path} cannot be read: {error.strerror}", hint="Check its permissions.")


def _irregular(path: Path) -> ConfigError:
    return ConfigError(f"{path} cannot be read: it is no regular file", hint="Put a file in its place, or remove it.")
