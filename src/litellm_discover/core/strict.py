"""Strict JSON: UTF-8, finite numbers, no duplicate keys, and no more of it at once than so much."""

from __future__ import annotations

import json
import math
from typing import NoReturn

# The most that is parsed at once. LiteLLM 1.106.2 needs 7.4 KB to describe a model.
MAX_PIECE = 256 * 1024


def document(data: bytes) -> object:
    """A whole small document. Raises ValueError when it is too long or no strict JSON, and RecursionError."""
    if len(data) > MAX_PIECE:
        raise ValueError("too long")
    return decode(data)


def decode(data: bytes) -> object:
    """A piece whose size is known to be bounded.

    Raises ValueError when it is no strict JSON or has an integer of more digits than Python reads, and RecursionError.
    """
    return STRICT.decode(data.decode("utf-8"))


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(members)
    if len(unique) != len(members):
        raise ValueError("duplicate key")
    return unique


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse)
"""Reads a text as ``decode`` reads bytes."""
