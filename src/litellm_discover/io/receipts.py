"""What an installation made, so that exactly that can be taken away again."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litellm_discover.io import files
from litellm_discover.io.state import fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """The files that we made, in the order in which they go again, and the directories, the outermost first.

    A file has the fingerprints of the bytes that we gave it; two while it is being changed.
    """

    files: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    directories: tuple[Path, ...] = ()

    def made(self, path: Path, data: bytes) -> bool:
        """Whether the file at ``path`` is ours as long as these are its bytes. A link is never ours."""
        return fingerprint(data) in self.files.get(path, ()) and not path.is_symlink()

    def intending(self, contents: Mapping[Path, bytes]) -> Receipt:
        """While files are being written: each is ours as it was before, and as it will be."""
        new = {path: (fingerprint(data), *self.files.get(path, ())) for path, data in contents.items()}
        return replace(self, files={**self.files, **new})

    def having(self, contents: Mapping[Path, bytes]) -> Receipt:
        """Once they are written."""
        return replace(self, files={**self.files, **{path: (fingerprint(data),) for path, data in contents.items()}})


@dataclass(frozen=True, slots=True)
class Receipts:
    """Where the receipt for one file and what goes with it is kept."""

    path: Path
    places: Places
    deadline: Deadline

    @classmethod
    def of(cls, target: str, installed: Path, places: Places, deadline: Deadline) -> Receipts:
        """By the name of the file that was installed, as the person's tools find it."""
        name = f"{target}-{fingerprint(os.fsencode(installed))[:12]}.json"
        return cls(places.state() / "installed" / name, places, deadline)

    def load(self) -> Receipt:
        """What is known: nothing without a file that can be understood, and then everything is the person's."""
        data = files.read(self.path)
        try:
            return _from_json(json.loads(data)) if data is not None else Receipt()
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return Receipt()

    def save(self, receipt: Receipt | None) -> None:
        """Put it on the disk in one step; None for nothing installed any more. Raises ConfigError."""
        data = None if receipt is None else json.dumps(_to_json(receipt)).encode()
        with files.locked(self.path, locks=self.places.locks(), deadline=self.deadline) as file:
            file.update(lambda _: data)


def _to_json(receipt: Receipt) -> dict[str, Any]:
    return {
        "schemaVersion": SCHEMA_VERSION,
        "files": {str(path): list(digests) for path, digests in receipt.files.items()},
        "directories": [str(path) for path in receipt.directories],
    }


def _from_json(data: Any) -> Receipt:
    if data["schemaVersion"] != SCHEMA_VERSION:
        return Receipt()
    made = {Path(path): tuple(digests) for path, digests in data["files"].items()}
    return Receipt(made, tuple(Path(path) for path in data["directories"]))
