from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from litellm_discover.core import jsonc
from litellm_discover.core.ownership import digest, members_at, still_ours, values_at

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
    assert set(still_ours(jsonc.read(TEXT), record)) == (set(record) if ours else set())


def test_a_digest_minds_values_and_not_layout() -> None:
    """The order of keys does not matter; a type or a number does."""
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    different: list[JsonValue] = [1, 1.5, "1", True, None, [1], {"1": 1}, []]
    assert len({digest(value) for value in different}) == 8


CONFIG: JsonValue = {"a": {"b": None, "c": [1]}, "l": [{"id": "x", "n": 1}, {"n": 2}, 3, {"id": "x", "n": 4}]}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("a", "b"), None),
        (("a", "c"), [1]),
        (("l", "x"), {"id": "x", "n": 4}),
        (("l", "x", "n"), 4),
    ],
)
def test_values_are_found_by_their_path(path: tuple[str, ...], value: JsonValue) -> None:
    """Through objects by key, through lists by the id of an item, the last one; null is a value and not missing."""
    assert values_at(CONFIG, [path]) == {path: value}


@pytest.mark.parametrize("path", [("a", "x"), ("a", "c", "0"), ("l", "y"), ("l", "0"), ("a", "b", "c"), ("z", "z")])
def test_a_path_that_leads_nowhere_has_no_value(path: tuple[str, ...]) -> None:
    """An index is no id, and null has no members."""
    assert values_at(CONFIG, [path]) == {}


def test_the_members_of_a_place() -> None:
    """Of the root as of anything else; of a list only the items that have an id."""
    assert members_at(CONFIG, "a").keys() == {"b", "c"}
    assert members_at(CONFIG, "l").keys() == {"x"}
    assert members_at(CONFIG).keys() == {"a", "l"}
    assert members_at(CONFIG, "a", "b") == {}


@pytest.mark.parametrize(
    ("items", "ours"),
    [
        ('{ "id": "x", "n": 1 }', True),
        ('{ "id": "y" }, { "n": 1, "id": "x" }', True),
        ('{ "id": "x", "n": 1 /* mine */ }', False),
        ('{ "id": "x", "n": 2 }', False),
        ('{ "id": "x", "n": 1 }, { "id": "x", "n": 1 }', False),
        ('{ "id": "x", "n": 2 }, { "id": "x", "n": 1 }', False),
        ('{ "n": 1 }', False),
    ],
)
def test_which_items_of_a_list_are_ours(items: str, *, ours: bool) -> None:
    """The one with the id and the digest, as long as no other has that id."""
    path: tuple[str, ...] = ("l", "x")
    record = {path: [digest({"id": "x", "n": 1})]}
    assert set(still_ours(jsonc.read('{"l": [' + items + "]}"), record)) == ({path} if ours else set())
