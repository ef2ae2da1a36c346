"""Holding a document against a JSON Schema that a tool publishes."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from litellm_discover.core.json_schema import first_offence

if TYPE_CHECKING:
    from litellm_discover.core.jsonc import JsonValue

# Rules that say in a few words what is wanted; of the others only the name helps.
_TELLING = frozenset({"const", "enum", "exclusiveMinimum", "minLength", "minimum", "required", "type"})


def violation(schema: str, document: JsonValue) -> str | None:
    """The first offence of a document against the schema of that name in ``data``, None when there is none.

    It names the place and the rule, never what is there: that may be a key.
    """
    rules = json.loads((files("litellm_discover") / "data" / schema).read_text("utf-8"))
    offence = first_offence(document, rules)
    if offence is None:
        return None
    wanted = f" {json.dumps(offence.wanted)}" if offence.rule in _TELLING else ""
    return f"{'.'.join(map(str, offence.path)) or 'the root'} breaks the rule {offence.rule}{wanted}"
