from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core.jsonc import Put
from litellm_discover.core.merge import overlay, reconcile
from litellm_discover.core.ownership import Present, digest

PATH = ("a", "b")


@pytest.mark.parametrize(
    ("config", "owned", "update", "outcome"),
    [
        ({}, False, True, "added"),
        ({"a": {}}, False, True, "added"),
        ({"a": {"b": 2}}, False, True, "kept"),
        ({"a": {"b": None}}, False, True, "kept"),
        ({"a": {"b": 1}}, False, True, "kept"),
        ({"a": {"b": 1}}, True, True, "ours"),
        ({"a": {"b": 2}}, True, True, "updated"),
        ({"a": {"b": 2}}, True, False, "ours"),
        ({"a": {}}, True, True, "added"),
        ({"a": 5}, False, True, "added"),
        ([], False, True, "added"),
    ],
)
def test_each_path_is_added_renewed_or_left(config: Any, *, owned: bool, update: bool, outcome: str) -> None:
    """What is missing is added, what is ours is renewed on a good word, what is the person's stays, even null.

    An edit through something that is no object is left for the editor to refuse.
    """
    there = digest(config["a"]["b"]) if owned and config["a"] else ""
    done = reconcile(Present(config, {PATH: there} if owned else {}), {PATH: 1}, update=lambda _: update)
    assert done.edits == ((Put(PATH, 1),) if outcome in {"added", "updated"} else ())
    assert (done.added, done.updated, done.kept) == tuple(
        (PATH,) if outcome == name else () for name in ("added", "updated", "kept")
    )
    ours = digest(1) if outcome in {"added", "updated"} else there
    assert done.record == ({} if outcome == "kept" else {PATH: ours})


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
