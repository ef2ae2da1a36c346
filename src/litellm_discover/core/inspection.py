"""What is wrong with a folder of provider catalogs, file by file, for whoever publishes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.facts import facts
from litellm_discover.core.ids import printable
from litellm_discover.core.manifest import entry, read_file
from litellm_discover.core.strict import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from litellm_discover.core.manifest import Listed


def problems(data: bytes, provider: str, listed: Listed) -> Iterator[str]:
    """What is wrong with the file of a provider that is listed like this: nothing of it, or of an entry, is used."""
    try:
        count = len(read_file(data, provider))
    except ValueError as error:
        yield listed.problem(data) or str(error)
        return
    if problem := listed.problem(data):
        yield problem
    if count != listed.models:
        yield f"it has {count} models, and the manifest says {listed.models}"
    document = decode(data)
    for model_id, fields in document["models"].items() if isinstance(document, dict) else ():
        if not isinstance(fields, dict):
            yield f"{printable(model_id)}: the entry is no object"
        elif unused := ", ".join(printable(name) for name in _unused(fields)):
            yield f"{printable(model_id)}: what cannot be used: {unused}"


def _unused(fields: Mapping[str, object]) -> Iterator[str]:
    """The fields of which not all is understood."""
    understood = {**entry(facts(fields)), **({"mode": "chat"} if fields.get("mode") == "chat" else {})}
    for name, value in fields.items():
        if _sorted(understood.get(name)) != _sorted(value):
            yield name


def _sorted(value: object) -> object:
    """In a list of words the order says nothing."""
    return sorted(map(str, value)) if isinstance(value, list) else value
