from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core.jsonc import Put
from litellm_discover.core.merge import additions, overlay


@pytest.mark.parametrize(
    ("existing", "wanted", "edits"),
    [
        ({}, {"a": 1}, [Put(("a",), 1)]),
        ({"a": 2}, {"a": 1}, []),
        ({"a": None}, {"a": 1}, []),
        ({"a": {"x": 1}}, {"a": {"x": 2, "y": {"z": 3}}}, [Put(("a", "y"), {"z": 3})]),
        ({"a": [1]}, {"a": [1, 2]}, []),
        ({"a": {}}, {"a": {}}, []),
        ({}, {"a": {}}, [Put(("a",), {})]),
        ({"a": 1}, {"a": {"b": 2}}, [Put(("a", "b"), 2)]),
        ([], {"a": 1}, [Put(("a",), 1)]),
    ],
)
def test_only_what_is_missing_is_added(existing: Any, wanted: Any, edits: list[Put]) -> None:
    """What is there stays, even null; an edit through something that is no object is left for the editor to refuse."""
    assert list(additions(existing, wanted)) == edits


@pytest.mark.parametrize(
    ("low", "high", "both"),
    [
        ({"a": 1, "b": {"x": 1}}, {"b": {"y": 2}, "c": 3}, {"a": 1, "b": {"x": 1, "y": 2}, "c": 3}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": {"x": 1}}, {"a": None}, {"a": None}),
        ({}, [], []),
    ],
)
def test_layers_are_read_as_the_tool_reads_them(low: Any, high: Any, both: Any) -> None:
    """Objects are merged member by member, everything else is replaced."""
    assert overlay(low, high) == both
