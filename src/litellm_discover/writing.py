"""Changing a file of the person: planned as a value, carried out under a lock, and taken back."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from litellm_discover.configuration import edited_file, layered, located, parsed
from litellm_discover.core import jsonc
from litellm_discover.core.host import Rendering
from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import Present, still_ours
from litellm_discover.errors import ConfigError, JsoncError
from litellm_discover.io import files, state
from litellm_discover.io.installed import installed_version
from litellm_discover.io.schema import violation
from litellm_discover.targets import TARGETS, merge_all

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from litellm_discover.core.jsonc import Revision
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Record
    from litellm_discover.core.transport import ResponsesStyle
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places
    from litellm_discover.targets import Target


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be written where: ``path`` is the file in ``directory`` that the tool would edit itself.

    ``silent`` are the ids of proxies that said nothing: what is there of them stays as it is.
    """

    target: Target
    directory: Path
    path: Path
    catalogs: Collection[Catalog]
    rendering: Rendering
    prune: bool
    silent: Collection[str]


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


def rendering(target: Target, style: ResponsesStyle | None, places: Places) -> Rendering:
    """How a target is rendered for this person: with their style, for the version that they have installed."""
    if target.INSTALLATION is None:
        return Rendering(style)
    return Rendering(style, installed_version(target.INSTALLATION, places.config(target.NAME), places.variables))


def plan_write(
    name: str,
    catalogs: Collection[Catalog],
    style: ResponsesStyle | None,
    places: Places,
    *,
    prune: bool,
    silent: Collection[str] = (),
) -> WritePlan:
    """What bringing the target ``name`` up to the catalogs of all proxies would change.

    Of proxies that are neither there nor ``silent`` what is ours goes. Raises ConfigError; writes nothing.
    """
    target = TARGETS[name]
    path = edited_file(target, places)
    request = Request(target, places.config(name), path, catalogs, rendering(target, style, places), prune, silent)
    return _plan(request, files.read(request.path), state.load(state.path_of(request.path, name, places)))


def _plan(request: Request, before: bytes | None, known: state.Written) -> WritePlan:
    merge, revision = _merged(request, before, known)
    if merge.edits and request.target.SCHEMA:
        notices = _schema_notices(request, request.target.SCHEMA, revision.text)
        merge = replace(merge, notices=(*merge.notices, *notices))
    after = jsonc.encode(revision.text) if merge.edits else before or b""
    return WritePlan(request, known, before, after, merge, revision)


def _merged(request: Request, before: bytes | None, known: state.Written) -> tuple[Merge, Revision]:
    target, path = request.target, request.path
    document = parsed(path, before if before and before.strip() else target.EMPTY_FILE.encode())
    config = layered(target, request.directory, {path: document.value})
    try:
        if not target.BLOCK_COMMENTS and (foreign := jsonc.foreign_comment(document)):
            raise foreign
        present = Present(config, still_ours(document, known.record))
        merge = merge_all(target, present, request.catalogs, request.rendering, request.silent, prune=request.prune)
        return merge, jsonc.revise(document, merge.edits)
    except JsoncError as error:
        raise located(error, path, hint=error.hint) from None


def _schema_notices(request: Request, schema: str, text: str) -> list[Notice]:
    """What in the file would make the tool reject it, when it is the person's. Raises ConfigError when it is ours."""
    offence = violation(schema, jsonc.parse(text))
    if offence is None:
        return []
    target = request.target
    rendered = (target.render(catalog, request.rendering) for catalog in request.catalogs)
    if ours := next(filter(None, (violation(schema, fragment) for fragment in rendered)), None):
        raise ConfigError(
            f"{target.TITLE} would reject what was to be written: {ours}",
            code="schema_violation",
            hint="This is a bug in litellm-discover: please report it. Nothing was written.",
        )
    return [Notice("schema_violation", f"{target.TITLE} rejects {request.path} as a whole: {offence}")]


def carry_out(plan: WritePlan, places: Places, deadline: Deadline) -> WritePlan:
    """Write what was planned, or nothing when nothing changes; gives what was done.

    When the file is no longer as it was planned for, the plan is made anew on what is there now. What is ours is
    recorded before the file changes: a run that is cut off in between loses nothing of it. Raises ConfigError.
    """
    path, target = plan.path, plan.request.target
    store = state.Store(state.path_of(path, target.NAME, places), places, deadline)
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        known = state.load(store.path)
        done = plan

        def change(current: bytes | None) -> bytes | None:
            nonlocal done
            if (current, known) != (done.before, done.known):
                done = _plan(plan.request, current, known)
            if not done.changes:
                return current
            store.save(known.intending(done.record))
            return done.after

        file.update(change)
        if done.changes:
            store.save(state.Written(done.record, state.Undo.of(done.before, done.after, done.revision, known.record)))
        elif done.record != known.record:
            store.save(state.Written(done.record, known.undo))
    return done


def undo(name: str, places: Places, deadline: Deadline) -> Path:
    """Put back the bytes from before our last write to the target ``name``; gives the file.

    Raises ConfigError when there is no such write, or when the file changed since; then nothing is done.
    """
    target = TARGETS[name]
    path = edited_file(target, places)
    store = state.Store(state.path_of(path, target.NAME, places), places, deadline)
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
    return path


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
