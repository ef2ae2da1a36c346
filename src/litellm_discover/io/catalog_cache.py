"""What is held of remote catalogs, in a folder for each: the files of providers, and a record of what was listed.

A file is used only with the digest that it had when it was fetched. All of it can be had again.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from litellm_discover.core.ids import is_safe_text, printable
from litellm_discover.core.manifest import CatalogSetting, Listed, listed_entry, read_file, read_providers
from litellm_discover.core.model import Notice
from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from litellm_discover.core.facts import ProviderCatalog
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

# No provider has a name that begins with a dot.
_RECORD = ".record.json"

_MAX_ETAG = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """The last that is known of a catalog. Times are seconds since 1970, 0 for never.

    ``tried_at`` when it was asked, ``checked_at`` when its manifest was there and could be used; ``listed`` is what
    that said, and ``held`` what one said of the files that are here, also of older ones. ``problem`` is what the last
    try failed with, and what is used instead.
    """

    tried_at: float = 0.0
    checked_at: float = 0.0
    etag: str | None = None
    listed: Mapping[str, Listed] = field(default_factory=dict)
    held: Mapping[str, Listed] = field(default_factory=dict)
    problem: Notice | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """One remote catalog, and where what is held of it is."""

    setting: CatalogSetting
    folder: Origin
    directory: Path

    @classmethod
    def of(cls, setting: CatalogSetting, places: Places) -> Remote:
        """The catalog of a setting. Raises UsageError for an address that is none."""
        folder = setting.folder
        readable = re.sub(r"[^a-z0-9.]+", "-", f"{folder.host}-{folder.port}{folder.prefix}".lower())[:60].strip("-.")
        slug = f"{readable}-{hashlib.sha256(folder.root.encode()).hexdigest()[:8]}"
        return cls(setting, folder, places.cache() / "catalogs" / slug)

    @property
    def name(self) -> str:
        """What it is called in notices and in the sources of fields: the address without its scheme."""
        return printable(self.folder.root.partition("://")[2])

    def record(self) -> Record:
        """What is known of it; nothing when nothing was kept, or it cannot be read."""
        try:
            return _record(json.loads(files.read(self.directory / _RECORD) or b"{}"))
        except (ConfigError, ValueError, RecursionError):
            return Record()

    def keep(self, record: Record, places: Places, deadline: Deadline) -> None:
        """Keep what is known of it now. Raises ConfigError."""
        self._write(_RECORD, json.dumps(_document(record), separators=(",", ":")).encode(), places, deadline)

    def put(self, provider: str, data: bytes, places: Places, deadline: Deadline) -> None:
        """Keep the file of a provider. Raises ConfigError."""
        self._write(f"{provider}.json", data, places, deadline)

    def has(self, provider: str, listed: Listed) -> bool:
        """Whether the file of a provider is here as it is listed."""
        try:
            data = files.read(self._file(provider))
        except ConfigError:
            return False
        return data is not None and listed.problem(data) is None

    def read(self, provider: str, record: Record, max_bytes: int) -> tuple[ProviderCatalog | None, int]:
        """The catalog of a listed provider and how many bytes it has; None and 0 when it is not here.

        Raises ValueError with what is wrong with the file, and ConfigError when it cannot be read.
        """
        data = files.read(self._file(provider))
        if data is None:
            return None, 0
        # Between a new manifest and the end of its first fetch, a file is already what the new one lists.
        expected = (known[provider] for known in (record.held, record.listed) if provider in known)
        if all(problems := [listed.problem(data) for listed in expected]):
            raise ValueError(problems[0])
        if len(data) > max_bytes:
            raise ValueError("it is too large beside the others")
        return read_file(data, provider), len(data)

    def _file(self, provider: str) -> Path:
        return self.directory / f"{provider}.json"

    def _write(self, name: str, data: bytes, places: Places, deadline: Deadline) -> None:
        with files.locked(self.directory / name, locks=places.locks(), deadline=deadline) as file:
            file.update(lambda _: data)


def etag_of(value: object) -> str | None:
    """An ETag that can be sent again, or None."""
    is_text = isinstance(value, str) and value.isascii() and value.isprintable()
    return value if isinstance(value, str) and is_text and 0 < len(value) <= _MAX_ETAG else None


def _document(record: Record) -> dict[str, Any]:
    def entries(providers: Mapping[str, Listed]) -> dict[str, Any]:
        return {name: listed_entry(listed) for name, listed in providers.items()}

    problem = record.problem and {"code": record.problem.code, "message": record.problem.message}
    return {
        "triedAt": record.tried_at,
        "checkedAt": record.checked_at,
        "etag": record.etag,
        "listed": entries(record.listed),
        "held": entries(record.held),
        "problem": problem,
    }


def _record(document: Any) -> Record:
    """The record in a document of ours; what somebody else made of it counts as absent."""
    fields = document if isinstance(document, dict) else {}

    def read(name: str, kind: type[T], otherwise: T) -> T:
        value = fields.get(name)
        return value if isinstance(value, kind) else otherwise

    return Record(
        tried_at=read("triedAt", float, 0.0),
        checked_at=read("checkedAt", float, 0.0),
        etag=etag_of(fields.get("etag")),
        listed=read_providers(read("listed", dict, {})),
        held=read_providers(read("held", dict, {})),
        problem=_problem(read("problem", dict, {})),
    )


def _problem(fields: Mapping[str, Any]) -> Notice | None:
    code, message = fields.get("code"), fields.get("message")
    return (
        Notice(code, message) if isinstance(code, str) and isinstance(message, str) and is_safe_text(message) else None
    )
