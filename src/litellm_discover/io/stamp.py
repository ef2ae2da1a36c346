"""Whether anything can have changed since an agent was last made ready, at the price of a few stat calls.

This is asked at each start of an agent, so nothing heavy is imported: where nothing has changed, that ends the matter.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What a proxy said that recently counts as what it would say now.
MAX_AGE_SECONDS: Final = 300

SCHEMA_VERSION = 1

# Of the daemon: the file that it holds a lock on while it runs, and what it says of itself.
DAEMON_LOCK, DAEMON_STATE = "daemon.lock", "daemon.json"

# What decides which proxy is asked, and with which key. Of a key only whether there is one is kept.
SETTINGS = (
    *("LITELLM_API_BASE", "LITELLM_BASE_URL", "OPENAI_BASE_URL"),
    *("PI_CODING_AGENT_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    *(f"LITELLM_DISCOVER_{name}" for name in ("URL", "PORT", "TRANSPORT", "INSECURE_HTTP", "NAMES", "REGISTRY")),
)
_KEYS = ("LITELLM_API_KEY", "LITELLM_PROXY_KEY", "LITELLM_MASTER_KEY", "OPENAI_API_KEY")


def cache_directory(home: str, variables: Mapping[str, str]) -> str:
    """Our own directory for what can be had again."""
    base = variables.get("XDG_CACHE_HOME", "")
    # The XDG specification: a relative path is invalid and to be ignored.
    return os.path.join(base if os.path.isabs(base) else os.path.join(home, ".cache"), "litellm-discover")


def path_of(target: str, home: str, variables: Mapping[str, str]) -> str:
    """Where the stamp of a target is."""
    return os.path.join(cache_directory(home, variables), f"ready-{target}.json")


def make(taken_at: float, variables: Mapping[str, str], paths: Iterable[str]) -> bytes:
    """A stamp: when the proxy was asked, by which settings, and what the files were like that this depended on."""
    stamp = {
        "schemaVersion": SCHEMA_VERSION,
        "takenAt": taken_at,
        "settings": settings_in(variables),
        "files": {path: _look(path) for path in paths},
    }
    return json.dumps(stamp).encode()


def age(target: str, home: str, variables: Mapping[str, str]) -> float | None:
    """Seconds since the proxy said what a target has; None when anything that this depends on has changed since.

    Never raises.
    """
    try:
        with open(path_of(target, home, variables), "rb") as file:
            stamp = json.load(file)
        seconds = float(time.time() - stamp["takenAt"])
        unchanged = (
            stamp["schemaVersion"] == SCHEMA_VERSION
            and seconds >= 0  # or a clock was set back
            and stamp["settings"] == settings_in(variables)
            and all(_look(path) == seen for path, seen in stamp["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return seconds if unchanged else None


def state_directory(home: str, variables: Mapping[str, str]) -> str:
    """Our own directory for what must not be lost."""
    base = variables.get("XDG_STATE_HOME", "")
    return os.path.join(base if os.path.isabs(base) else os.path.join(home, ".local/state"), "litellm-discover")


def kept(home: str, variables: Mapping[str, str]) -> bool:
    """Whether a daemon with these settings runs and its proxies answer: then what a target has is recent, however old.

    Never raises.
    """
    directory = state_directory(home, variables)
    try:
        with open(os.path.join(directory, DAEMON_STATE), "rb") as file:
            state = json.load(file)
        good = bool(state["proxies"]) and all(proxy["good"] for proxy in state["proxies"])
        return good and state["settings"] == settings_in(variables) and held(os.path.join(directory, DAEMON_LOCK))
    except (ImportError, OSError, ValueError, KeyError, TypeError):
        return False


def held(path: str) -> bool:
    """Whether a process holds the lock on a file. Raises OSError when there is no such file, or no locks."""
    import fcntl

    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def settings_in(variables: Mapping[str, str]) -> dict[str, str | bool | None]:
    """The settings in the environment that decide which proxy is asked; of keys only whether there are any."""
    return {name: variables.get(name) for name in SETTINGS} | {name: bool(variables.get(name)) for name in _KEYS}


def _look(path: str) -> list[int] | None:
    """What tells one state of a file from another; None when there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_mtime_ns, found.st_size, found.st_ino]
