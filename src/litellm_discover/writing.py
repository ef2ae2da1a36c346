"""Changing a file of the person: planned as a value, carried out under a lock, and taken back."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from litellm_discover.configuration import edited_file
from litellm_discover.core import jsonc
from litellm_discover.errors import ConfigError
from litellm_discover.io import files, state
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from litellm_discover.core.jsonc import Revision
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.ownership import Record
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.targets import Target


class Request(Protocol):
    """What is to be done to one file of a tool."""

    @property
    def target(self) -> Target:
        """The tool."""

    @property
    def path(self) -> Path:
        """The file."""

    def planned(self, before: bytes | None, known: state.Written) -> WritePlan:
        """What would be done to the file as it is now. Raises DiscoverError."""


@dataclass(frozen=True, slots=True)
class WritePlan:
    """A change of one file as a value: the same plan is shown, checked and carried out.

    ``before`` is None for a file that does not exist yet, ``known`` is what we knew to be ours in it.
    """

    request: Request
    known: state.Written
    before: bytes | None
    after: bytes
    merge: Merge
    revision: Revision

    @classmethod
    def of(
        cls, request: Request, known: state.Written, before: bytes | None, merge: Merge, revision: Revision
    ) -> WritePlan:
        """The plan for a request whose edits lead to the text of the revision."""
        after = jsonc.encode(revision.text) if merge.edits else before or b""
        return cls(request, known, before, after, merge, revision)

    @property
    def target(self) -> str:
        """The name of the target."""
        return self.request.target.NAME

    @property
    def path(self) -> Path:
        """The file that the plan is about."""
        return self.request.path

    @property
    def record(self) -> Record:
        """What is ours once it is carried out."""
        return {path: (digest,) for path, digest in self.merge.record.items()}

    @property
    def changes(self) -> bool:
        """Whether carrying it out would change anything."""
        return bool(self.merge.edits)

    def diff(self) -> str:
        """A unified diff, with values that look like secrets covered; empty when nothing changes."""
        before, after = ((data or b"").decode() for data in (self.before, self.after))
        name = str(self.path)
        lines = difflib.unified_diff(_lines(before), _lines(after), f"{name} (now)", f"{name} (then)")
        return _SECRET.sub(r"\1***", "".join(line if line.endswith("\n") else f"{line}\n" for line in lines))


# The values of the person's own lines around the change, unless they refer to the secret by name.
_SECRET = re.compile(
    r"""(?i)("[^"\n]*(?:key|token|secret|password|authorization|cookie)[^"\n]*"\s*:\s*")(?!\{(?:env|file):|\$(?-i:[A-Z_]+)")[^"\n]+"""
)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def carry_out(plan: WritePlan, places: Places, deadline: Deadline, *, along: Collection[Path] = ()) -> WritePlan:
    """Write what was planned, or nothing when nothing changes; gives what was done.

    When the file is no longer as it was planned for, the plan is made anew on what is there now. What is ours is
    recorded before the file changes: a run that is cut off in between loses nothing of it. ``along`` are other files
    of the tool that belong to the same write, and are undone together with this one. Raises ConfigError.
    """
    path, target = plan.path, plan.request.target
    store = state.Store(state.path_of(path, target.NAME, places), places, deadline)
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        known = state.load(store.path)
        done = plan

        def change(current: bytes | None) -> bytes | None:
            nonlocal done
            if (current, known) != (done.before, done.known):
                done = plan.request.planned(current, known)
            if not done.changes:
                return current
            store.save(known.intending(done.record))
            return done.after

        file.update(change)
        if done.changes:
            store.save(state.Written(done.record, state.Undo.of(done.before, done.after, done.revision, known.record)))
        elif done.record != known.record:
            store.save(state.Written(done.record, known.undo))
    if done.changes:
        _settle(target, {path, *along}, places, deadline)
    return done


def carry_out_all(plans: Collection[WritePlan], places: Places, deadline: Deadline) -> tuple[WritePlan, ...]:
    """The same for all files of one tool, in one write. Raises ConfigError."""
    along = {plan.path for plan in plans if plan.changes}
    return tuple(carry_out(plan, places, deadline, along=along) for plan in plans)


def _settle(target: Target, written: Collection[Path], places: Places, deadline: Deadline) -> None:
    """Let an earlier write to the other files of a tool be: only the last one can be undone."""
    for path in _files_of(target, places):
        store = state.Store(state.path_of(path, target.NAME, places), places, deadline)
        if path not in written and (known := state.load(store.path)).undo:
            store.save(state.Written(known.record))


def _files_of(target: Target, places: Places) -> Iterable[Path]:
    """The files of a tool that we write to."""
    yield edited_file(target, places)
    if target.STARTING.file:
        yield places.config(target.NAME) / target.STARTING.file


@dataclass(frozen=True, slots=True)
class Undone:
    """The files that are as they were before the last write, and why others are not."""

    paths: tuple[Path, ...]
    errors: tuple[ConfigError, ...] = ()


def undo(name: str, places: Places, deadline: Deadline) -> Undone:
    """Put back the bytes from before our last write to the target ``name``, in each file by itself.

    Raises ConfigError when there is no such write, and when no file can be put back; then nothing is done.
    """
    target = TARGETS[name]
    paths = [*_files_of(target, places)]
    # Last what was written first: nothing names a model at any time that is not there.
    written = [path for path in reversed(paths) if state.load(state.path_of(path, name, places)).undo] or paths[:1]
    done: list[Path] = []
    errors: list[ConfigError] = []
    for path in written:
        try:
            _undo_one(path, name, places, deadline)
            done.append(path)
        except ConfigError as error:
            errors.append(error)
    if not done:
        raise errors[0]
    return Undone(tuple(done), tuple(errors))


def _undo_one(path: Path, name: str, places: Places, deadline: Deadline) -> None:
    store = state.Store(state.path_of(path, name, places), places, deadline)
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        known = state.load(store.path)
        last = known.undo
        if last is None:
            raise ConfigError(
                f"there is nothing to undo for {path}",
                code="nothing_to_undo",
                hint="Only the last write can be undone.",
            )

        def change(current: bytes | None) -> bytes | None:
            restored = _restored(path, current, last)
            store.save(known.intending(last.record))
            return restored

        file.update(change)
        store.save(state.Written(last.record))


def _restored(path: Path, current: bytes | None, last: state.Undo) -> bytes | None:
    if current is None or state.fingerprint(current) != last.after:
        raise ConfigError(
            f"{path} was changed after our last write, so that cannot be undone",
            code="changed_since",
            hint="Nothing was done. Remove by hand what you do not want, or use your own backup.",
        )
    if last.before is None:
        return None
    restored = jsonc.encode(jsonc.revert(jsonc.decode(current), last.back))
    if state.fingerprint(restored) != last.before:
        raise ConfigError(
            f"the way back for {path} does not lead to what was there",
            code="changed_since",
            hint="Nothing was done. Please report this.",
        )
    return restored
