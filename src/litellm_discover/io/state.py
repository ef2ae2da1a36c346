"""What we remember of what we wrote: which entries are ours, and the way back from the last write.

It holds digests, text that was ours, and the names of the models that a tool started with before; never a key, and
nothing else of what the person wrote.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from litellm_discover.core.jsonc import Splice
from litellm_discover.io import files

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_discover.core.jsonc import Revision
    from litellm_discover.core.ownership import Record
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Undo:
    """The way back from one write.

    ``before`` and ``after`` are fingerprints of the file's bytes, ``before`` None when there was no file. ``back``
    leads from the text after to the text before; ``record`` is what was ours before.
    """

    before: str | None
    after: str
    back: tuple[tuple[Splice, ...], ...]
    record: Record

    @classmethod
    def of(cls, before: bytes | None, after: bytes, revision: Revision, record: Record) -> Undo:
        """The way back from a revision that turned ``before`` into ``after``."""
        if before is not None and not before.strip():  # an empty file counted as new
            whole = Splice(0, len(revision.text), before.decode())
            return cls(fingerprint(before), fingerprint(after), ((whole,),), record)
        return cls(fingerprint(before) if before is not None else None, fingerprint(after), revision.back, record)


@dataclass(frozen=True, slots=True)
class Written:
    """What we know of one file: the digests of our entries, and how to undo the last write."""

    record: Record = field(default_factory=dict)
    undo: Undo | None = None

    def intending(self, record: Record) -> Written:
        """While a change is under way: an entry is ours as it was before, and as it will be."""
        both = {path: (*digests, *self.record.get(path, ())) for path, digests in record.items()}
        return Written({**self.record, **both}, self.undo)


@dataclass(frozen=True, slots=True)
class Store:
    """Where one Written is kept; nothing is written when it is there already."""

    path: Path
    places: Places
    deadline: Deadline

    def save(self, written: Written) -> None:
        """Put it on the disk in one step. Raises ConfigError."""
        data = json.dumps(_to_json(written), separators=(",", ":")).encode()
        with files.locked(self.path, locks=self.places.locks(), deadline=self.deadline) as file:
            file.update(lambda _: data)


def load(path: Path) -> Written:
    """What is known: nothing without a file that can be read, and then every entry is the person's."""
    data = files.read(path)
    try:
        return _from_json(json.loads(data)) if data is not None else Written()
    except (ValueError, KeyError, TypeError, RecursionError):
        return Written()


def path_of(path: Path, target: str, places: Places) -> Path:
    """Where we keep what we know of a target's file: by its real path, whatever links lead there."""
    return places.state() / "written" / f"{target}-{fingerprint(os.path.realpath(path).encode())[:12]}.json"


def fingerprint(data: bytes) -> str:
    """A digest of bytes (SHA-256, 128 bits)."""
    return hashlib.sha256(data).hexdigest()[:32]


def _to_json(written: Written) -> dict[str, Any]:
    undo = written.undo
    return {
        "schemaVersion": SCHEMA_VERSION,
        "entries": _entries(written.record),
        "undo": undo
        and {
            "before": undo.before,
            "after": undo.after,
            "back": [[list(splice) for splice in splices] for splices in undo.back],
            "entries": _entries(undo.record),
        },
    }


def _entries(record: Record) -> list[Any]:
    return [[list(path), list(digests)] for path, digests in record.items()]


def _from_json(data: Any) -> Written:
    if data["schemaVersion"] != SCHEMA_VERSION:
        return Written()
    undo = data["undo"]
    return Written(
        _record(data["entries"]),
        undo
        and Undo(
            undo["before"],
            undo["after"],
            tuple(tuple(Splice(*splice) for splice in splices) for splices in undo["back"]),
            _record(undo["entries"]),
        ),
    )


def _record(entries: Any) -> Record:
    return {tuple(path): tuple(digests) for path, digests in entries}
