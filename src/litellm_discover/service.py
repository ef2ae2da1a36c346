"""Having the daemon started at each login: a unit for a user's systemd, or an agent for launchd."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.configuration import edited_file
from litellm_discover.core.service_unit import LABEL, MARK, PLIST, UNIT, Service, plist, unit
from litellm_discover.errors import ConfigError
from litellm_discover.io import disk, files, stamp
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

_MANAGER_SECONDS = 10.0

# What the daemon needs of the environment in which it is installed, beside the settings: no key is among it.
_VARIABLES = (*stamp.SETTINGS, "XDG_CACHE_HOME", "PATH")


@dataclass(frozen=True, slots=True)
class Done:
    """What happened to the file of the service, and the commands that are left to the person."""

    path: Path
    did: str
    left: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class _Manager:
    path: Path
    text: str
    start: tuple[tuple[str, ...], ...]
    end: tuple[tuple[str, ...], ...]


def install(places: Places, deadline: Deadline, *, key_file: str | None) -> Done:
    """Write the service and have it started; nothing is done again. Raises ConfigError."""
    checked = _checked(key_file) if key_file else None
    manager = _manager(places, checked)
    _make_folders(places)

    def change(before: bytes | None) -> bytes:
        if before is not None and MARK.encode() not in before:
            raise ConfigError(f"{manager.path} is there, and not ours", hint="Move it away, and try again.")
        return manager.text.encode()

    with files.locked(manager.path, locks=places.locks(), deadline=deadline) as file:
        written = file.update(change)
    did = "wrote" if written.changed else "already there:"
    return Done(manager.path, did, _carried_out(manager.start))


def unit_path(places: Places) -> Path:
    """Where the file of the service is, if it is installed."""
    if sys.platform == "darwin":
        return places.home / "Library" / "LaunchAgents" / PLIST
    return places.config("systemd") / "user" / UNIT


def _make_folders(places: Places) -> None:
    """Ours must be there when the unit is started: it may write to them, and not to the folders around them."""
    for folder in (places.state(), places.cache()):
        try:
            disk.make_directory(folder)
        except OSError as error:
            raise ConfigError(
                f"{folder} cannot be made: {error.strerror}", hint="Check the permissions of the folder around it."
            ) from None


def uninstall(places: Places, deadline: Deadline) -> Done:
    """End the service and take its file away, if it is ours. Raises ConfigError."""
    manager = _manager(places, None)
    data = files.read(manager.path)
    if data is None or MARK.encode() not in data:
        return Done(manager.path, "not there:" if data is None else "not ours, left:")
    left = _carried_out(manager.end[:1])
    with files.locked(manager.path, locks=places.locks(), deadline=deadline) as file:
        file.update(lambda before: None if before and MARK.encode() in before else before)
    return Done(manager.path, "removed", (*left, *_carried_out(manager.end[1:])))


def _manager(places: Places, key_file: str | None) -> _Manager:
    """The manager of services that is here. Raises ConfigError when there is none."""
    command = (sys.executable, "-I", "-m", "litellm_discover", "daemon", "run")
    variables = {name: value for name in _VARIABLES if (value := places.variables.get(name))}
    log = str(places.state() / "daemon.log")
    service = Service(command, variables, key_file, _writable(places), log)
    if service.unprintable() is not None:
        raise ConfigError("a setting or a path has a control character in it", hint="Correct it, and try again.")
    if sys.platform == "darwin":
        path = unit_path(places)
        domain = f"gui/{os.getuid()}"
        return _Manager(
            path,
            plist(service),
            (("launchctl", "bootstrap", domain, str(path)),),
            (("launchctl", "bootout", f"{domain}/{LABEL}"),),
        )
    if shutil.which("systemctl", path=places.variables.get("PATH")) is None:
        raise ConfigError(
            "there is neither systemd nor launchd here that could start the daemon",
            code="no_service_manager",
            hint="Start it in your own way: litellm-discover daemon run",
        )
    user = ("systemctl", "--user")
    return _Manager(
        unit_path(places),
        unit(service),
        ((*user, "daemon-reload"), (*user, "enable", UNIT), (*user, "restart", UNIT)),
        ((*user, "disable", "--now", UNIT), (*user, "daemon-reload")),
    )


def _writable(places: Places) -> tuple[str, ...]:
    """The folders that the daemon writes to: also where the links of the tools' files lead."""
    folders = [places.state(), places.cache()]
    for target in TARGETS.values():
        folders += [places.config(target.NAME), edited_file(target, places).resolve().parent]
    return tuple(dict.fromkeys(map(str, folders)))


def _checked(name: str) -> str:
    """The absolute path of the file with the key, if nobody else can read it. Raises ConfigError."""
    path = Path(name).absolute()
    if sys.platform == "darwin":
        raise ConfigError(
            "launchd knows no file of variables", hint="Have a command in config.toml print the key: docs/config.md."
        )
    if files.read_guarded(path, stat.S_IRWXG | stat.S_IRWXO, "it holds a key") is None:
        raise ConfigError(f"{path} is not there", hint="Put a line LITELLM_API_KEY=… there, and chmod 600 it.")
    return str(path)


def _carried_out(commands: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """Run commands in this order; gives those that are left from the first one that failed."""
    for number, command in enumerate(commands):
        try:
            done = subprocess.run(  # noqa: S603 - of the system
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_MANAGER_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return commands[number:]
        if done.returncode != 0:
            return commands[number:]
    return ()
