"""Holding a value against a JSON Schema (draft 2020-12), as far as the schemas in ``data`` go.

A keyword that is not known here is no keyword that may be passed over: it ends in a KeyError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from litellm_discover.core.jsonc import JsonValue

    Rules = Mapping[str, Any]

# They demand nothing. ``additionalProperties`` is always true in our schemas, which a test holds.
ANNOTATIONS: Final = frozenset(
    {"$schema", "$id", "$comment", "$defs", "additionalProperties", "default", "description"},
)


@dataclass(frozen=True, slots=True)
class Offence:
    """A rule that is broken: where in the value, by which keyword, and what that keyword wants."""

    path: tuple[str | int, ...]
    rule: str
    wanted: JsonValue


def first_offence(value: JsonValue, schema: Rules) -> Offence | None:
    """The first in the order of the schema, None when there is none. Only ``$ref`` to its own ``$defs`` is followed."""
    return _first(value, schema, schema)


def _first(value: JsonValue, rules: Rules, root: Rules) -> Offence | None:
    for rule, wanted in rules.items():
        if demand := _DEMANDS.get(rule):
            if not demand(value, wanted):
                return Offence((), rule, wanted)
        elif rule in ANNOTATIONS:
            continue
        elif rule == "anyOf":
            if all(_first(value, each, root) for each in wanted):
                return Offence((), rule, wanted)
        else:
            for name, member, inner in _PARTS[rule](value, wanted, root):
                if found := _first(member, inner, root):
                    return found if name is None else replace(found, path=(name, *found.path))
    return None


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[Mapping[str, Callable[[JsonValue], bool]]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and (not isinstance(value, float) or value.is_integer()),
    "null": lambda value: value is None,
    "number": _is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}

# What a keyword demands of the value itself; of a value of another type than its own it demands nothing. Those that
# compare have texts alone to compare with.
_DEMANDS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "const": lambda value, wanted: isinstance(value, str) and value == wanted,
    "enum": lambda value, wanted: isinstance(value, str) and value in wanted,
    "exclusiveMinimum": lambda value, wanted: not _is_number(value) or value > wanted,
    "maxItems": lambda value, wanted: not isinstance(value, list) or len(value) <= wanted,
    "maximum": lambda value, wanted: not _is_number(value) or value <= wanted,
    "minLength": lambda value, wanted: not isinstance(value, str) or len(value) >= wanted,
    "minimum": lambda value, wanted: not _is_number(value) or value >= wanted,
    "required": lambda value, wanted: not isinstance(value, dict) or all(name in value for name in wanted),
    "type": lambda value, wanted: _TYPES[wanted](value),
}


def _properties(value: JsonValue, wanted: Mapping[str, Rules], _: Rules) -> Iterator[tuple[str, JsonValue, Rules]]:
    if isinstance(value, dict):
        yield from ((name, value[name], inner) for name, inner in wanted.items() if name in value)


def _patterns(value: JsonValue, wanted: Mapping[str, Rules], _: Rules) -> Iterator[tuple[str, JsonValue, Rules]]:
    if isinstance(value, dict):
        for pattern, inner in wanted.items():
            yield from ((name, member, inner) for name, member in value.items() if re.search(pattern, name))


def _items(value: JsonValue, wanted: Rules, _: Rules) -> Iterator[tuple[int, JsonValue, Rules]]:
    if isinstance(value, list):
        yield from ((place, item, wanted) for place, item in enumerate(value))


def _reference(value: JsonValue, wanted: str, root: Rules) -> Iterator[tuple[None, JsonValue, Rules]]:
    yield None, value, root["$defs"][wanted.removeprefix("#/$defs/")]


# The parts of the value that a keyword speaks of: each with its name, and with what it has to be.
_PARTS: Final[Mapping[str, Callable[[JsonValue, Any, Rules], Iterator[tuple[str | int | None, JsonValue, Rules]]]]] = {
    "$ref": _reference,
    "items": _items,
    "patternProperties": _patterns,
    "properties": _properties,
}

KEYWORDS: Final = frozenset({*_DEMANDS, *_PARTS, "anyOf"})
