from __future__ import annotations

import pytest

from litellm_discover.core.answers import Answer
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError


@pytest.mark.parametrize(
    "body", [b"1" * 5000, b"[" * 100_000 + b"]" * 100_000, b'{"a":1,"a":1}', b'"' + b"x" * MAX_PIECE + b'"']
)
def test_a_small_document_is_strict(body: bytes) -> None:
    """What is read at once is no longer, no deeper than Python reads, and no looser than a list."""
    with pytest.raises(AnswerError) as refused:
        Answer("/x", 200, "application/json", body).json()
    assert refused.value.hint


def test_a_body_is_not_in_the_repr() -> None:
    """LiteLLM's error bodies can hold the key."""
    assert "secret" not in repr(Answer("/x", 500, "application/json", b"secret"))
