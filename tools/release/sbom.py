"""The software bill of materials in the form of CycloneDX: what is installed with the package, as the lock has it.

It has no time and no serial number, so that the same lock gives the same bytes.
"""

from __future__ import annotations

import json
from importlib import metadata
from typing import TYPE_CHECKING, Any

from tools.release import lock

from litellm_discover import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.release.lock import Locked

# What the package itself has from others; data/README.md says what of them. Their licence texts are in the wheel.
_BUNDLED = ("LiteLLM", "Pi", "models.dev")


def render(locked: Iterable[Locked] | None = None) -> str:
    """The document, in JSON."""
    entries = tuple(lock.read() if locked is None else locked)
    ours = _purl(lock.OURS, __version__)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "bom-ref": ours,
                "type": "application",
                "name": lock.OURS,
                "version": __version__,
                "purl": ours,
                "licenses": [{"expression": "MIT"}],
                "components": [
                    {"bom-ref": f"data:{name}", "type": "data", "name": name, "licenses": [{"license": {"id": "MIT"}}]}
                    for name in _BUNDLED
                ],
            }
        },
        "components": [_component(entry) for entry in entries],
        "dependencies": [
            {"ref": ours, "dependsOn": _wanted(lock.OURS, entries)},
            *({"ref": _purl(each.name, each.version), "dependsOn": _wanted(each.name, entries)} for each in entries),
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _component(entry: Locked) -> dict[str, Any]:
    component: dict[str, Any] = {
        "bom-ref": _purl(entry.name, entry.version),
        "type": "library",
        "name": entry.name,
        "version": entry.version,
        "purl": _purl(entry.name, entry.version),
        "externalReferences": [
            {
                "type": "distribution",
                "url": "requirements/runtime.txt",
                "comment": "the files that the lock allows",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in entry.hashes],
            }
        ],
    }
    if entry.marker:
        component["properties"] = [{"name": "litellm-discover:marker", "value": entry.marker}]
    if licence := _licence(entry.name):
        component["licenses"] = [licence]
    return component


def _licence(name: str) -> dict[str, Any] | None:
    """What the distribution says of its licence; unknown for one that this system does not install."""
    try:
        said: Mapping[str, Any] = metadata.metadata(name).json
    except metadata.PackageNotFoundError:
        return None
    if expression := said.get("license_expression"):
        return {"expression": expression}
    classifiers = (each for each in said.get("classifier", ()) if each.startswith("License :: "))
    named = next((each.rpartition(" :: ")[2] for each in classifiers), None)
    return {"license": {"name": named}} if named else None


def _wanted(name: str, entries: Iterable[Locked]) -> list[str]:
    return [_purl(each.name, each.version) for each in entries if name in each.wanted_by]


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{name}@{version}"
