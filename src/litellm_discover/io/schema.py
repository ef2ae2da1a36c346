"""Holding a document against a JSON Schema that a tool publishes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litellm_discover.core.jsonc import JsonValue

# Rules that say in a few words what is wanted; of the others only the name helps.
_TELLING = frozenset({"const", "enum", "exclusiveMinimum", "minLength", "minimum", "required", "type"})


def violation(schema: str, document: JsonValue) -> str | None:
    """The first offence of a document against the schema of that name in ``data``, None when there is none.

    It names the place and the rule, never what is there: that may be a key. No schema in ``data`` tells one
    ``id`` or ``name`` of a model from another, or counts the models.
    """
    from jsonschema import Draft202012Validator

    rules = json.loads((files("litellm_discover") / "data" / schema).read_text("utf-8"))
    validator = Draft202012Validator(rules)
    if validator.is_valid(_without_alike(document)):
        return None
    offence = next(validator.iter_errors(document))
    rule = str(offence.validator)
    wanted = f" {json.dumps(offence.validator_value)}" if rule in _TELLING else ""
    return f"{'.'.join(map(str, offence.absolute_path)) or 'the root'} breaks the rule {rule}{wanted}"


def _without_alike(value: JsonValue, name: str = "") -> JsonValue:
    """The document with one of several ``models`` that differ in ``id`` and ``name`` alone.

    The validator takes 0.3 ms for a model, and of thousands most say the same.
    """
    if isinstance(value, dict):
        return {key: _without_alike(member, key) for key, member in value.items()}
    if isinstance(value, list) and name == "models":
        return [*{_likeness(item): item for item in value}.values()]
    return value


def _likeness(item: JsonValue) -> str:
    if isinstance(item, dict):
        item = item | {key: "…" for key in ("id", "name") if item.get(key) and isinstance(item[key], str)}
    return json.dumps(item)
