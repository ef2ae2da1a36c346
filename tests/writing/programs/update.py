"""update.py PATH LOCKS [SIZE [KILL [USER]]]: put "new" where the file says "old".

A file that is not there is made; with a SIZE, the new content has so many bytes. With a number KILL, we kill ourselves
before the call of the system with this number, and print its name. With a number USER we become this user before.
An expected failure is printed as JSON, with exit status 1.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litellm_discover.errors import ConfigError
from litellm_discover.io import files
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable

# Every function of the operating system that the writer uses, directly or through the standard library.
CALLS = (
    "access", "close", "fchmod", "fchown", "fstat", "fsync", "getxattr", "listxattr", "lstat", "mkdir", "open", "read",
    "readlink", "removexattr", "rename", "replace", "scandir", "setxattr", "stat", "unlink", "urandom", "write",
)  # fmt: skip


def kill_before(number: int) -> None:
    """Wrap every call so that the process dies just before the one with this number."""
    count = 0

    def deadly(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                sys.stdout.write(name)
                sys.stdout.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return wrapped

    for name in CALLS:
        if hasattr(os, name):
            setattr(os, name, deadly(name, getattr(os, name)))
    fcntl.flock = deadly("flock", fcntl.flock)


def become(user: int) -> None:
    """Go on as this user, who may be unable to start this interpreter."""
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


def main(path: Path, locks: Path, size: int = 0, kill: int = 0, user: int = 0) -> int:
    """Do one update. Gives the exit status."""

    def change(before: bytes | None) -> bytes:
        if size or before is None:
            return b'{"new": "%s"}\n' % (b"x" * size)
        return before.replace(b"old", b"new")

    if user:
        become(user)
    if kill:
        kill_before(kill)
    try:
        with files.locked(path, locks=locks, deadline=Deadline.after(2)) as file:
            file.update(change)
    except ConfigError as error:
        sys.stdout.write(json.dumps({"code": error.code, "message": error.message, "hint": error.hint}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])))
