"""From text to value: strict JSONC, and a useful error for everything else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from litellm_discover.core.jsonc.position import error_at
from litellm_discover.core.jsonc.scan import Source, blanked, end_of, root_of, scan

if TYPE_CHECKING:
    from litellm_discover.core.jsonc.values import JsonValue
    from litellm_discover.errors import JsoncError

# What stands at the offence, and what to say about it; the first match counts. Compiled only where there is one.
_OFFENCES = (
    (r"\Z", "the text ends too early", ""),
    (r"/\*", "a comment that never ends", "Close it with */."),
    (r",", "a comma without a value before it", "Remove the comma."),
    (r"<<<<<<<|=======|>>>>>>>", "a conflict marker of a version control system", "Resolve the conflict."),
    (r"#", "a # does not start a comment", "Use // instead."),
    (r"[A-Za-z_$][\w$]*+[ \t]*:", "a key without double quotes", "Put the key in double quotes."),
    (r"'", "a string in single quotes", "Use double quotes."),
    (r"-?(?:NaN|Infinity)", "NaN and Infinity are no numbers in JSON", ""),
    (r"[^\S \t\r\n]|\ufeff", "an unusual white space character", "Use spaces or tabs."),
)
# Some messages of `json` end with "at", for the position that it puts behind them.
_DANGLING_AT = re.compile(r":? (?:starting )?at$")


class _ConstantError(ValueError):
    """NaN, Infinity or -Infinity."""


@dataclass(frozen=True, slots=True)
class Document:
    """A JSONC text that was read: where things are in it, and its value."""

    source: Source
    value: JsonValue

    @property
    def text(self) -> str:
        """The text itself."""
        return self.source.text


def _refuse_constant(name: str) -> NoReturn:
    raise _ConstantError(name)


def _number(literal: str) -> int | float:
    try:
        return int(literal)
    except ValueError:  # more digits than int() converts; both hosts read such a number as a float, too
        return float(literal)


_JSON = json.JSONDecoder(parse_int=_number, parse_constant=_refuse_constant)
_BEFORE_CONSTANT = re.compile(r'(?:[^"NI-]++|"(?:[^"\\]|\\.)*+"|-(?!I))*+')


def parse(text: str) -> JsonValue:
    """The value of a JSONC text; of duplicate keys the last one counts.

    Raises :class:`JsoncError` with the line and column of the first offence. A text without a value, an empty one
    included, is an offence, and so is nesting deeper than 512 levels.
    """
    return read(text).value


def read(text: str) -> Document:
    """What :func:`parse` gives, and where it is in the text."""
    value, blank = _decoded(text)
    return Document(scan(text, blank), value)


def _decoded(text: str) -> tuple[JsonValue, str]:
    """The value, and the blanked copy; a text without comments and trailing commas is its own, and needs no copy."""
    try:
        return _JSON.decode(text), text
    except (ValueError, RecursionError):
        blank = blanked(text)
    try:
        return _JSON.decode(blank), blank
    except json.JSONDecodeError as error:
        raise _offence(text, error.pos, error.msg) from None
    except _ConstantError as error:
        raise _offence(text, end_of(_BEFORE_CONSTANT, blank, 0), str(error)) from None
    except RecursionError:
        source = scan(text, blank)  # knows where it is too deep, unless it was the caller who left no room
        raise error_at(text, root_of(source), "nested too deeply to be read here") from None


def _offence(text: str, offset: int, reason: str) -> JsoncError:
    for pattern, message, hint in _OFFENCES:
        if re.compile(pattern).match(text, offset):
            return error_at(text, offset, message, hint)
    reason = _DANGLING_AT.sub("", reason)
    return error_at(text, offset, reason[:1].lower() + reason[1:])
