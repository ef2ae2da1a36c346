"""Putting the plugin of a tool into its place, and taking away exactly what that made."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from litellm_discover.configuration import edited_file
from litellm_discover.core.model import Notice
from litellm_discover.errors import ConfigError
from litellm_discover.io import files, shim, snapshot, state
from litellm_discover.io.background import COMMAND
from litellm_discover.io.locks import lock
from litellm_discover.io.receipts import Receipt, Receipts
from litellm_discover.preparing import Left, Step, add_name, prepare, take_name
from litellm_discover.targets import TARGETS, opencode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.preparing import Preparation

_ELSEWHERE = (
    "in a project's .opencode, in ~/.opencode and in OPENCODE_CONFIG_DIR OpenCode still installs, once; "
    "--pure and OPENCODE_PURE=1 turn plugins off"
)


@dataclass(frozen=True, slots=True)
class Installed:
    """What an installation did; no step for a plugin that was there as it is."""

    path: Path
    steps: tuple[Step, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What went, and what was left, each with the reason."""

    steps: tuple[Step, ...]
    left: tuple[Left, ...]


def install(name: str, places: Places, deadline: Deadline) -> Installed:
    """Install the plugin of a tool, or bring it up to ours; what is there already is not written.

    What is about to be made is recorded first, and the plugin comes last: a tool that starts meanwhile waits for
    nothing. Raises ConfigError, for a file under its name that is not ours, too.
    """
    path, data = shim.path_of(name, places), shim.content(name, COMMAND)
    receipts = Receipts.of(name, path, places, deadline)
    with lock(path.parent, places.locks(), deadline):
        known, before = receipts.load(), files.read(path)
        _refuse_foreign(path, before, known)
        preparation = prepare(name, places)
        directories = _missing([path.parent, *preparation.directories])
        contents = {path: data, **preparation.files}
        notices = tuple(_notices(name, places, preparation))
        if before == data and not (directories or preparation.changes):
            return Installed(path, (), notices)
        receipts.save(known.intending(contents))
        steps = [*_make_directories(directories, receipts)]
        steps += add_name(preparation, places, deadline)
        for prepared, content in preparation.files.items():
            steps += _put(prepared, content, receipts, places, deadline)
        steps += _put(path, data, receipts, places, deadline)
        receipts.save(receipts.load().having(contents))
    return Installed(path, tuple(steps), notices)


def _refuse_foreign(path: Path, data: bytes | None, known: Receipt) -> None:
    if path.is_symlink() or (data is not None and not known.made(path, data)):
        raise ConfigError(
            f"{path} is there, and not as it was installed",
            code="not_ours",
            hint="It was left as it is. Move it away or delete it, and try again.",
        )


def _missing(directories: Iterable[Path]) -> tuple[Path, ...]:
    """What has to be made of these and of what they are in, the outermost first."""
    wanted = (each for directory in directories for each in (*reversed(directory.parents), directory))
    return tuple(dict.fromkeys(each for each in wanted if not each.exists()))


def _make_directories(directories: Iterable[Path], receipts: Receipts) -> Iterator[Step]:
    """Make them, and record each only then: one that somebody else makes meanwhile is not ours."""
    for directory in directories:
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise ConfigError(
                f"{directory} cannot be made: {error.strerror}", hint=f"Check the permissions of {directory.parent}."
            ) from None
        known = receipts.load()
        receipts.save(replace(known, directories=(*known.directories, directory)))
        yield Step("made", directory)


def _put(path: Path, data: bytes, receipts: Receipts, places: Places, deadline: Deadline) -> Iterator[Step]:
    """Write a file of ours. Raises ConfigError, also when one appeared there that is not."""
    known = receipts.load()

    def change(current: bytes | None) -> bytes:
        _refuse_foreign(path, current, known)
        return data

    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        done = file.update(change)
    if done.changed:
        yield Step("made" if done.before is None else "brought up to date", path)


def _notices(name: str, places: Places, preparation: Preparation) -> Iterator[Notice]:
    """What the person should know, however often they install."""
    if obstacle := preparation.seed.obstacle:
        text = (
            f"{preparation.directory} was not prepared: {obstacle}. So OpenCode installs there when it starts: "
            "about ten seconds, once; without a network more than a minute, each time"
        )
        yield Notice("not_prepared", text)
    if name == opencode.NAME:
        yield Notice("not_prepared_elsewhere", _ELSEWHERE)
    elif _has_entries(name, places):
        text = f"{edited_file(TARGETS[name], places)} has entries of --write, too; one of the two is enough"
        yield Notice("entries_too", f"{text}: litellm-discover undo {name}")
    if not snapshot.is_there(places, name):
        text = "nothing is remembered of a proxy yet; run litellm-discover once, so that the first start does not wait"
        yield Notice("no_snapshot", text)


def _has_entries(name: str, places: Places) -> bool:
    path = edited_file(TARGETS[name], places)
    return path.exists() and bool(state.load(state.path_of(path, name, places)).record)


def uninstall(name: str, places: Places, deadline: Deadline) -> Uninstalled:
    """Take away what installing made and nobody changed since, the plugin first. Raises ConfigError."""
    path = shim.path_of(name, places)
    receipts = Receipts.of(name, path, places, deadline)
    with lock(path.parent, places.locks(), deadline):
        known = receipts.load()
        taken: list[Step | Left | None] = [_take(made, known, places, deadline) for made in known.files]
        taken.append(take_name(name, places, deadline))
        taken += [_take_directory(made) for made in reversed(known.directories)]
        receipts.save(None)
    if path not in known.files and os.path.lexists(path):
        taken.append(Left(path, "it was not installed by shim install"))
    steps = tuple(each for each in taken if isinstance(each, Step))
    left = tuple(each for each in taken if isinstance(each, Left))
    return Uninstalled(steps, left)


def _take(path: Path, known: Receipt, places: Places, deadline: Deadline) -> Step | Left | None:
    """Remove a file as long as it is ours; gives that, or why it is left. Raises ConfigError."""
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        done = file.update(lambda data: None if data is not None and known.made(path, data) else data)
    if done.after is not None:
        return Left(path, "it was changed")
    return Step("removed", path) if done.changed else None


def _take_directory(path: Path) -> Step | Left | None:
    try:
        path.rmdir()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Left(path, f"{error.strerror}")
    return Step("removed", path)
