"""The only place that changes a file of the person."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from litellm_discover.errors import ConfigError

MAX_BYTES = 8 * 1024 * 1024


def read(path: Path) -> bytes | None:
    """The file's bytes, or None when there is none. Raises ConfigError when it cannot be read or is too large."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="Check its permissions.") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES} bytes", hint="This is no configuration file of a tool.")
    return data


def write(path: Path, data: bytes) -> None:
    """Replace the file's content, or create it, in one step: a reader sees the old bytes or the new ones.

    A symbolic link stays and its target is replaced; the mode is kept, a new file gets 0600. The bytes are on the
    disk before the name changes. Raises ConfigError, and then the file is as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _replace(target, data)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}",
            hint="Check the permissions and the space on its disk.",
        ) from None


def _replace(target: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".litellm-discover", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o7777)
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def _sync_directory(directory: Path) -> None:
    if os.name != "posix":  # Windows cannot open a directory
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
