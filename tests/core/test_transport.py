from __future__ import annotations

import pytest

from litellm_discover.core.options import TransportOptions
from litellm_discover.core.payloads import Row
from litellm_discover.core.transport import choose_transport, is_openai_reasoning, parse_version

CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"


@pytest.mark.parametrize(
    "model_id",
    [
        "gpt-5", "gpt-5.5", "gpt-5-mini", "gpt-5.1-codex-max",
        "gpt-5-4-high", "gpt-6-sol", "gpt-6.1-sol", "o1", "o1-pro",
        "o3", "o3-mini",
        "o3-pro-2025-06-10", "o4-mini", "o4-mini-deep-research", "openai/gpt-5", "azure/eu/gpt-5.1-codex",
        "openrouter/openai/gpt-5", "databricks-gpt-5-5", "us.openai.gpt-5.6-sol", "ft:o4-mini:org", "GPT-5.5",
    ],
)  # fmt: skip
def test_openai_reasoning_ids(model_id: str) -> None:
    """The family is recognised by the last segment, behind any route."""
    assert is_openai_reasoning(model_id)


@pytest.mark.parametrize(
    "model_id",
    [
        "gpt-4o", "gpt-4.1", "gpt-oss-120b", "gpt-50", "gpt-5-chat", "gpt-5-chat-latest", "gpt-5.1-chat-latest",
        "gpt-5-search-api", "o2", "o1x", "o10", "claude-opus-4-8", "opus-o1", "my-o3-like", "gpt-5/other", "gpt41",
        "frontier-router", "", "o", "foo3",
    ],
)  # fmt: skip
def test_other_ids(model_id: str) -> None:
    """Chat and search siblings, other families and look-alikes are not of the family."""
    assert not is_openai_reasoning(model_id)


@pytest.mark.parametrize(
    ("row", "options", "version", "expected"),
    [
        (Row("gpt-5.5"), {}, None, ("responses", "rule:openai-reasoning-family")),
        (Row("gpt-5.5"), {}, "1.106.2", ("responses", "rule:openai-reasoning-family")),
        (Row("gpt-5.5"), {}, "1.63.8", ("responses", "rule:openai-reasoning-family")),
        (Row("gpt-5.5"), {}, "1.63.7", ("chat", "rule:no-responses-before-1.63.8")),
        (Row("x", mode="responses"), {}, "1.53.1", ("chat", "rule:no-responses-before-1.63.8")),
        (Row("claude-opus-4-8"), {}, None, ("chat", "rule:chat-unless-stated")),
        (Row("x", mode="responses"), {}, None, ("responses", "proxy:mode")),
        (Row("gpt-5", mode="chat"), {}, None, ("responses", "rule:openai-reasoning-family")),
        (Row("x", endpoints=frozenset({RESPONSES, "/v1/batch"})), {}, None, ("responses", "proxy:supported_endpoints")),
        (Row("gpt-5", endpoints=frozenset({CHAT})), {}, None, ("chat", "proxy:supported_endpoints")),
        (Row("gpt-5", endpoints=frozenset({CHAT, RESPONSES})), {}, None, ("responses", "rule:openai-reasoning-family")),
        (Row("x", mode="responses", endpoints=frozenset({CHAT})), {}, None, ("responses", "proxy:mode")),
        (Row("smart", key="gpt-5.5"), {}, None, ("responses", "rule:openai-reasoning-family")),
        (Row("gpt-5", key="anthropic/claude-opus-4-8"), {}, None, ("chat", "rule:chat-unless-stated")),
        (Row("gpt-5", mode="responses"), {"transport": "chat"}, None, ("chat", "user:transport")),
        (Row("x"), {"transport": "responses"}, None, ("responses", "user:transport")),
        (Row("x"), {"responses_models": frozenset({"x"})}, None, ("responses", "user:models")),
        (Row("gpt-5"), {"chat_models": frozenset({"gpt-5"})}, None, ("chat", "user:models")),
        (
            Row("x"),
            {"transport": "chat", "responses_models": frozenset({"x"})},
            None,
            ("responses", "user:models"),
        ),
        (
            Row("x"),
            {"responses_models": frozenset({"x"}), "chat_models": frozenset({"x"})},
            None,
            ("responses", "user:models"),
        ),
    ],
)
def test_the_first_rule_with_an_opinion_decides(
    row: Row, options: dict[str, object], version: str | None, expected: tuple[str, str]
) -> None:
    """Person before proxy, proxy before rule, and no route that the proxy does not have."""
    assert choose_transport(row, TransportOptions(**options), version) == expected  # type: ignore[arg-type] # a table


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("1.63.8", (1, 63, 8)),
        ("1.63.8.post1", (1, 63, 8)),
        ("1.106.2-stable", (1, 106, 2)),
        ("main", None),
        (None, None),
    ],
)
def test_versions_are_read_by_their_numbers(text: str | None, version: tuple[int, ...] | None) -> None:
    """Suffixes do not matter, and what is no version is unknown."""
    assert parse_version(text) == version
