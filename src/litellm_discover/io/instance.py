"""The one daemon of a person: a lock that dies with its process, and a file that says what it sees. No socket."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litellm_discover.errors import ConfigError
from litellm_discover.io import disk, files, stamp
from litellm_discover.io.locks import lock_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

# Who only asks whether the lock is held takes it for a moment.
_PATIENCE_SECONDS = 0.5
_POLL_SECONDS = 0.02


@contextmanager
def alone(places: Places) -> Iterator[None]:
    """Be the daemon until the end of the block. Raises ConfigError with the code ``already_running``."""
    path = _lock_file(places)
    try:
        disk.make_directory(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | disk.NOFOLLOW | disk.PLAIN, 0o600)
    except OSError as error:
        raise ConfigError(f"{path} cannot be opened: {error.strerror}", hint="Check its permissions.") from None
    try:
        until = time.monotonic() + _PATIENCE_SECONDS
        while not lock_now(descriptor):
            if time.monotonic() > until:
                raise ConfigError(
                    "a daemon runs already", code="already_running", hint="See: litellm-discover daemon status"
                )
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def running(places: Places) -> bool:
    """Whether there is a daemon."""
    try:
        return stamp.held(str(_lock_file(places)))
    except (ImportError, OSError):
        return False


def save(document: Mapping[str, JsonValue], places: Places, deadline: Deadline) -> None:
    """Say what the daemon sees. The same as before is not written. Raises ConfigError."""
    data = (json.dumps(document, indent=1) + "\n").encode()
    with files.locked(_state_file(places), locks=places.locks(), deadline=deadline) as file:
        file.update(lambda _: data)


def load(places: Places) -> dict[str, Any]:
    """What the daemon that runs, or ran last, said; empty when that cannot be read."""
    try:
        document = json.loads(files.read(_state_file(places)) or b"{}")
    except (ConfigError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def stop(places: Places, seconds: float) -> bool:
    """End the daemon and wait until it is gone; False when there was none. Raises ConfigError."""
    if not running(places):
        return False
    pid = load(places).get("pid")
    if not isinstance(pid, int) or not _holds(pid, _lock_file(places)):
        raise ConfigError(
            "the daemon that runs does not say who it is", hint="It may have started just now: try again."
        )
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + seconds
    while running(places):
        if time.monotonic() > until:
            raise ConfigError(f"the daemon (process {pid}) does not end", hint=f"kill -9 {pid} does no harm.")
        time.sleep(_POLL_SECONDS)
    return True


def _holds(pid: int, path: Path) -> bool:
    """Whether a process has the lock's file open; where the system does not say, its own word counts."""
    if sys.platform != "linux":
        return True
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if entry.samefile(path):
                    return True
    return False


def _lock_file(places: Places) -> Path:
    return places.state() / stamp.DAEMON_LOCK


def _state_file(places: Places) -> Path:
    return places.state() / stamp.DAEMON_STATE
