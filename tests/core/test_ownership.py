from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from litellm_discover.core.ownership import MISSING, digest, still_ours, value_at

if TYPE_CHECKING:
    from litellm_discover.core.jsonc import JsonValue

TEXT = """{
  "p": {
    "x": { "a": 1, "b": [2] }, // beside it
    // before it
    "y": { "a": 1 /* inside */ },
    "z": { "a": 1, },
    "w": "// no comment, but a string"
  }
}
"""


@pytest.mark.parametrize(
    ("record", "ours"),
    [
        ({("p", "x"): [digest({"b": [2], "a": 1})]}, True),
        ({("p", "x"): [digest({"a": 2}), digest({"a": 1, "b": [2]})]}, True),
        ({("p", "x"): [digest({"a": 1, "b": [3]})]}, False),
        ({("p", "x"): []}, False),
        ({("p", "y"): [digest({"a": 1})]}, False),
        ({("p", "z"): [digest({"a": 1})]}, True),
        ({("p", "w"): [digest("// no comment, but a string")]}, True),
        ({("p", "gone"): [digest(None)]}, False),
        ({("q", "x"): [digest(1)]}, False),
        ({}, False),
    ],
)
def test_what_is_ours(record: dict[tuple[str, ...], list[str]], *, ours: bool) -> None:
    """An entry with the digest that we know, and without a comment inside; comments beside it do not count."""
    assert set(still_ours(TEXT, record)) == (set(record) if ours else set())


def test_a_digest_minds_values_and_not_layout() -> None:
    """The order of keys does not matter; a type or a number does."""
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    different: list[JsonValue] = [1, 1.5, "1", True, None, [1], {"1": 1}, []]
    assert len({digest(value) for value in different}) == 8


def test_values_are_found_by_their_path() -> None:
    """Through objects only; null is a value and not missing."""
    config: JsonValue = {"a": {"b": None, "c": [1]}}
    assert value_at(config, ("a", "b")) is None
    assert value_at(config, ("a", "x")) is MISSING
    assert value_at(config, ("a", "c", "0")) is MISSING
    assert value_at(config, ()) == config
