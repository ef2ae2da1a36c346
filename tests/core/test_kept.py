"""What a refresh did: from one process to another, and to a person in a line."""

from __future__ import annotations

import json

import pytest

from litellm_discover.core.kept import Kept, Trouble, from_document, told

ROOT = "http://127.0.0.1:4000"
LATE = Trouble("deadline", "it did not answer in time")


def kept(*models: str, wrote: tuple[str, ...] = (), troubles: tuple[Trouble, ...] = ()) -> Kept:
    """A refresh that found these models."""
    return Kept("litellm", ROOT, models, wrote, troubles)


@pytest.mark.parametrize(
    ("now", "before", "trouble", "lines"),
    [
        (kept("a", "b"), None, None, ["litellm: 2 models at http://127.0.0.1:4000"]),
        (kept("a"), None, None, ["litellm: 1 model at http://127.0.0.1:4000"]),
        (kept("a"), {"a"}, None, []),
        (
            kept("a", "b", "c", wrote=("opencode.jsonc",)),
            {"a", "z"},
            None,
            ["litellm: +2 models, −1, wrote opencode.jsonc"],
        ),
        (kept("a"), {"a", "y", "z"}, None, ["litellm: −2 models"]),
        (
            kept("a", wrote=("opencode.jsonc", "models.json")),
            {"a"},
            None,
            ["litellm: wrote opencode.jsonc and models.json"],
        ),
        (Kept("litellm", troubles=(LATE,)), {"a"}, None, ["litellm: it did not answer in time"]),
        (Kept("litellm", troubles=(LATE,)), {"a"}, LATE, []),
        (kept("a"), {"a"}, LATE, ["litellm: all is well again"]),
        (Kept("litellm", troubles=(Trouble("x", "else"),)), None, LATE, ["litellm: else"]),
    ],
)
def test_only_what_is_new_is_told(
    now: Kept, before: set[str] | None, trouble: Trouble | None, lines: list[str]
) -> None:
    """One line for what changed; a trouble once, and its end."""
    assert list(told(now, before, trouble)) == lines


@pytest.mark.parametrize("each", [kept("a", wrote=("f",), troubles=(LATE,)), Kept("litellm")])
def test_it_survives_the_way_through_a_pipe(each: Kept) -> None:
    """As JSON and back."""
    assert from_document(json.loads(json.dumps(each.to_document()))) == each
