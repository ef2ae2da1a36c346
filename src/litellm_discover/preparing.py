"""Sparing OpenCode an npm install in its configuration folder, and taking that back."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from litellm_discover.configuration import layered
from litellm_discover.core import jsonc
from litellm_discover.core.ownership import digest, members_at, still_ours
from litellm_discover.core.seeding import LIBRARY, PATH, VERSION, Folder, Seed, names_in_lock, needed
from litellm_discover.errors import ConfigError, JsoncError
from litellm_discover.io import files, shim, state
from litellm_discover.targets import opencode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

_PACKAGE, _LOCK, _MODULES = "package.json", "package-lock.json", "node_modules"

# Where OpenCode finds code of the person by itself, and how an entry of its list of plugins leads to some.
_CODE = tuple(f"{folder}/*.{kind}" for folder in ("plugin", "plugins", "tool", "tools") for kind in ("js", "ts"))
_BY_PATH = (".", "/", "~", "file:")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done to a file or directory: ``made``, for example."""

    did: str
    path: Path


@dataclass(frozen=True, slots=True)
class Left:
    """What was not taken away, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a tool's configuration folder needs beside the plugin; ``before`` are the bytes of its lock."""

    directory: Path
    seed: Seed = field(default_factory=Seed)
    before: bytes | None = None

    @property
    def changes(self) -> bool:
        """Whether it needs anything."""
        return self.seed.modules or self.seed.lock is not None

    @property
    def directories(self) -> tuple[Path, ...]:
        """The directories that have to be there."""
        return (self.directory / _MODULES,) if self.seed.modules else ()

    @property
    def files(self) -> Mapping[Path, bytes]:
        """The files that are to be made."""
        new = self.seed.lock if self.before is None else None
        return {} if new is None else {self.directory / _LOCK: new}


def prepare(name: str, places: Places) -> Preparation:
    """What the folder of a tool needs; nothing where OpenCode could not install. Raises ConfigError."""
    directory = places.config(name)
    if name != opencode.NAME or (directory.exists() and not os.access(directory, os.W_OK)):
        return Preparation(directory)
    others, modules = _has_code(directory), directory / _MODULES
    try:
        package, lock = (files.read(directory / file) for file in (_PACKAGE, _LOCK))
    except ConfigError as error:
        return Preparation(directory, Seed(obstacle=error.message))
    folder = Folder(package, lock, modules.is_dir(), (modules / LIBRARY).is_dir(), others)
    found = Preparation(directory, needed(folder), lock)
    for path in (*found.directories, *found.files):
        if os.path.lexists(path):
            return Preparation(directory, Seed(obstacle=f"{path.name} is there, but cannot be used"))
    return found


def _has_code(directory: Path) -> bool:
    """Whether plugins or tools of the person are there, or are named by a path in the configuration."""
    plugins = members_at(layered(opencode, directory, {})).get("plugin")
    found = (path.name for pattern in _CODE for path in directory.glob(pattern))
    return any(name != shim.NAME for name in found) or any(_is_path(entry) for entry in _list(plugins))


def _is_path(plugin: Any) -> bool:
    spec = next(iter(_list(plugin)), plugin)
    return isinstance(spec, str) and spec.startswith(_BY_PATH)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def add_name(preparation: Preparation, places: Places, deadline: Deadline) -> Iterator[Step]:
    """Add the one name to the person's lock, recorded first. Raises ConfigError, also when it changed meanwhile."""
    path, before, new = preparation.directory / _LOCK, preparation.before, preparation.seed
    if before is None or new.lock is None or new.revision is None:
        return
    ours = state.Written({PATH: (digest(VERSION),)}, state.Undo.of(before, new.lock, new.revision, {}))
    store = _store(path, places, deadline)

    def change(current: bytes | None) -> bytes | None:
        if current != before:
            raise ConfigError(f"{path} was changed by another program just now", hint="Try again.", code="busy")
        store.save(ours)
        return new.lock

    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        file.update(change)
    yield Step(f"added {LIBRARY} to", path)


def take_name(name: str, places: Places, deadline: Deadline) -> Step | Left | None:
    """Take that back as long as it is ours; gives that, or why it is left. Raises ConfigError."""
    path = places.config(name) / _LOCK
    store = _store(path, places, deadline)
    known = state.load(store.path)
    if not known.record:
        return None
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        try:
            done = file.update(lambda current: None if current is None else _without(current, known))
            names = names_in_lock(done.after)
        except (JsoncError, ValueError):
            return Left(path, "it cannot be understood any more")
        store.save(state.Written())
    if LIBRARY in names:
        return Left(path, f"{LIBRARY} in it was changed")
    return Step(f"took {LIBRARY} out of", path) if done.changed else None


def _without(current: bytes, known: state.Written) -> bytes:
    document, last = jsonc.read(jsonc.decode(current)), known.undo
    if last and state.fingerprint(current) == last.after:
        return jsonc.encode(jsonc.revert(document.text, last.back))
    if PATH not in still_ours(document, known.record):
        return current
    return jsonc.encode(jsonc.revise(document, [jsonc.Remove(PATH)]).text)


def _store(path: Path, places: Places, deadline: Deadline) -> state.Store:
    return state.Store(state.path_of(path, opencode.NAME, places), places, deadline)
