"""The bytes of the catalogs and of their manifest: an entry a line, so that a change can be read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from litellm_discover.core.facts import SCHEMA_VERSION, facts
from litellm_discover.core.manifest import render_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tools.catalogs.entries import Catalogs

MIN_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Source:
    """A package that facts are from."""

    name: str
    version: str
    license: str


def write(folder: Path, catalogs: Catalogs, sources: Sequence[Source]) -> dict[str, int]:
    """Write a file for each provider and the manifest, and remove those of others; the sizes by name."""
    contents: dict[str, bytes] = {}
    providers: dict[str, Any] = {}
    for provider, models in sorted(catalogs.items()):
        content = render_catalog(provider, {model: facts(entry) for model, entry in models.items()})
        contents[f"{provider}.json"] = content
        providers[provider] = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "models": len(models),
        }
    contents["manifest.json"] = _manifest(providers, sources)
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in contents:
            path.unlink()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: len(content) for name, content in contents.items()}


def _manifest(providers: Mapping[str, Any], sources: Sequence[Source]) -> bytes:
    head = f'{{"schemaVersion":{SCHEMA_VERSION},"minVersions":{_compact({"litellm-discover": MIN_VERSION})}'
    listed = ",\n".join(_compact(asdict(source)) for source in sources)
    return f'{head},"providers":{{\n{_lines(providers)}\n}},"sources":[\n{listed}\n]}}\n'.encode()


def _lines(members: Mapping[str, Any]) -> str:
    return ",\n".join(f"{_compact(name)}:{_compact(value)}" for name, value in members.items())


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
