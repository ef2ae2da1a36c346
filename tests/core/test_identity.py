"""Which catalog entry an id stands for, over the bundled catalogs: what must match, and what must not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.facts import Facts, ProviderCatalog, Shelved
from litellm_discover.core.identity import Found, candidates, find
from litellm_discover.core.model import Limit
from litellm_discover.io.shelf import BundledShelf

SHELF = BundledShelf({})


def found(model_id: str, provider: str | None = None) -> Found | None:
    """What the bundled catalogs say of an id."""
    return find(candidates(model_id, provider), SHELF)


def name_of(match: Found | None) -> str | None:
    """The name, which the last layer has."""
    return next((facts.name for _source, facts in reversed(match.layers) if facts.name), None) if match else None


# An id, what the proxy states, and the entry that it is: the provider, its id there, and whether prices hold.
MATCHES = [
    ("claude-opus-4-5", None, "anthropic", "claude-opus-4-5", True),
    ("claude-opus-4.5", None, "anthropic", "claude-opus-4-5", True),
    ("Claude-Opus-4.5", None, "anthropic", "claude-opus-4-5", True),
    ("claude-opus-4-5", "anthropic", "anthropic", "claude-opus-4-5", True),
    ("anthropic/claude-opus-4-5", None, "anthropic", "claude-opus-4-5", True),
    ("anthropic/claude-opus-4-5", "anthropic", "anthropic", "claude-opus-4-5", True),
    ("claude-opus-4-5-20991231", None, "anthropic", "claude-opus-4-5", False),
    ("gpt-4-1", None, "openai", "gpt-4.1", True),
    ("gpt-4o", None, "openai", "gpt-4o", True),
    ("gpt-4o-2024-05-13", None, "openai", "gpt-4o-2024-05-13", True),
    ("gpt-4o-2029-01-01", None, "openai", "gpt-4o", False),
    ("openai/responses/gpt-5.5", None, "openai", "gpt-5.5", True),
    ("azure/gpt-5.5", None, "azure", "gpt-5.5", True),
    ("azure/eu/gpt-5.5", None, "azure", "gpt-5.5", False),
    ("gpt-5.5", "azure", "azure", "gpt-5.5", True),
    ("o3", None, "openai", "o3", True),
    ("gemini-2.5-pro", None, "gemini", "gemini-2.5-pro", True),
    ("gemini-2.5-pro", "vertex_ai-language-models", "vertex_ai", "gemini-2.5-pro", True),
    ("vertex_ai/claude-opus-4-5@20251101", None, "vertex_ai", "claude-opus-4-5@20251101", True),
    ("vertex_ai/claude-opus-4-5@20991231", None, "vertex_ai", "claude-opus-4-5", False),
    ("vertex_ai/claude-opus-4-5@default", None, "vertex_ai", "claude-opus-4-5", False),
    ("kimi-k2-6", None, "moonshot", "kimi-k2.6", True),
    ("glm-5-1", None, "zai", "glm-5.1", True),
    ("minimax/minimax-m3", None, "minimax", "MiniMax-M3", True),
    ("bedrock/us.anthropic.claude-sonnet-4-6", None, "bedrock", "us.anthropic.claude-sonnet-4-6", True),
    ("us.anthropic.claude-sonnet-4-6", None, "bedrock", "us.anthropic.claude-sonnet-4-6", True),
    ("us.anthropic.claude-sonnet-4-6", "bedrock_converse", "bedrock", "us.anthropic.claude-sonnet-4-6", True),
    ("bedrock/converse/us.anthropic.claude-sonnet-4-6", None, "bedrock", "us.anthropic.claude-sonnet-4-6", True),
    ("bedrock/us-east-1/anthropic.claude-sonnet-4-6", None, "bedrock", "anthropic.claude-sonnet-4-6", False),
    ("bedrock/apac.anthropic.claude-opus-4-7", None, "bedrock", "anthropic.claude-opus-4-7", False),
    ("bedrock/anthropic.claude-opus-4-7-v1:0", None, "bedrock", "anthropic.claude-opus-4-7", False),
    ("openrouter/anthropic/claude-sonnet-4.6", None, "openrouter", "anthropic/claude-sonnet-4.6", True),
    ("anthropic/claude-sonnet-4.6", "openrouter", "openrouter", "anthropic/claude-sonnet-4.6", True),
    ("openrouter/free", None, "openrouter", "openrouter/free", True),
    ("opencodego/glm-5.1", None, "opencode-go", "glm-5.1", True),
    ("opencode-glm-5-1", "opencodego", "opencode-go", "glm-5.1", True),
    ("opencode-go-glm-5-1", None, "opencode-go", "glm-5.1", True),
    ("opencode-qwen3-7-max", None, "opencode-go", "qwen3.7-max", True),
    ("fireworks_ai/accounts/fireworks/models/glm-5p2", None, "fireworks_ai", "accounts/fireworks/models/glm-5p2", True),
    ("accounts/fireworks/models/glm-5p2", None, "fireworks_ai", "accounts/fireworks/models/glm-5p2", True),
]


@pytest.mark.parametrize(("model_id", "stated", "provider", "entry", "exact"), MATCHES)
def test_an_id_is_the_entry_of_its_provider(
    *, model_id: str, stated: str | None, provider: str, entry: str, exact: bool
) -> None:
    """All that the entry says, but for prices where the id is only that of another date, build or region."""
    match = found(model_id, stated)
    assert match is not None
    (source, facts), *_name = match.layers
    wanted = SHELF[provider][0].catalog[entry]
    assert (source, match.exact) == (f"catalog:{provider}", exact)
    assert (facts.limit, facts.input, facts.reasoning) == (wanted.limit, wanted.input, wanted.reasoning)
    assert facts.cost == (wanted.cost if exact else None)
    assert facts.deprecated == (wanted.deprecated if exact else None)


# Each of these looks like a model that is known, and must not be taken for it.
TRAPS = [
    ("prod/gpt-4o", None),
    ("team-a/GPT-4o", None),
    ("my-claude-opus-4-5", None),
    ("claude-opus-4-5-mine", None),
    ("claude-3-5-sonnet-custom", None),
    ("claude-opus-45", None),
    ("claude-opus-4-55", None),
    ("gpt-4-1106", None),
    ("gpt-4o-mini-custom", None),
    ("gpt-41106", None),
    ("te-gpt-5.4-mini", None),
    ("gpt-5.4-high-effort", None),
    ("gpt-5.45", None),
    ("ollama/llama3.1", None),
    ("ollama/gpt-oss:20b", None),
    ("ollama_chat/qwen2.5-coder:32b-instruct-q8_0", None),
    ("lm_studio/gpt-4o", None),
    ("hosted_vllm/claude-opus-4-5", None),
    ("azure/my-deployment", None),
    ("bedrock/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123", None),
    ("mistral-small-4", None),
    ("kimi-k2-v1", None),
    ("gemini-3.5-flash-v1", None),
    ("openai/gpt-4o-001", None),
    ("frontier-router", None),
    ("balanced", None),
    ("auto", None),
    ("opencode-", None),
    ("opencode-router", None),
    ("openrouter/gpt-4o", None),
    ("*", None),
    ("", None),
    ("/", None),
    ("gpt-4o", "mistral"),
    ("gpt-4o", "anthropic"),
    ("claude-opus-4-5", "openai"),
    ("deepseek-v4-pro", "openai"),
    ("prod/gpt-4o", "openai"),
    ("openai/gpt-4o", "azure"),
    ("anthropic/claude-opus-4-5", "openai"),
    ("gpt-4o", "ollama"),
    ("gpt-4o", "some_new_provider"),
    ("bedrock_mantle/anthropic.claude-opus-5-5", None),
    ("anthropic.claude-opus-5-5", "bedrock_mantle"),
    ("codestral/codestral-latest", None),
]


@pytest.mark.parametrize(("model_id", "stated"), TRAPS)
def test_what_looks_like_a_model_is_not_taken_for_it(model_id: str, stated: str | None) -> None:
    """A false match is worse than none."""
    assert found(model_id, stated) is None


@pytest.mark.parametrize(
    ("model_id", "stated", "name"),
    [
        ("moonshotai/kimi-k2.6", None, "Kimi K2.6"),
        ("MOONSHOTAI/Kimi-K2.6", None, "Kimi K2.6"),
        ("Qwen/Qwen3-235B-A22B", None, "Qwen3 235B-A22B"),
        ("deepinfra/moonshotai/Kimi-K2.6", None, "Kimi K2.6"),
        ("moonshotai/Kimi-K2.6", "deepinfra", "Kimi K2.6"),
        ("openai/gpt-oss-120b", None, "GPT OSS 120B"),
        ("deepseek-v4-flash-0731", None, "DeepSeek V4 Flash 0731"),
    ],
)
def test_of_a_model_whose_server_is_unknown_only_its_nature_is_known(
    model_id: str, stated: str | None, name: str
) -> None:
    """No price, no limit, no effort: these are of whoever serves it."""
    match = found(model_id, stated)
    assert match is not None
    assert name_of(match) == name
    for _source, facts in match.layers:
        assert (facts.cost, facts.limit, facts.efforts, facts.deprecated, facts.mode) == (
            None,
            Limit(),
            None,
            None,
            None,
        )


@pytest.mark.parametrize(
    ("model_id", "name"),
    [
        ("gpt-4o-mini", "GPT-4o mini"),
        ("gpt-4o", "GPT-4o"),
        ("claude-sonnet-4-5", "Claude Sonnet 4.5"),
        ("gpt-5.4-mini-2026-03-17", "GPT-5.4 mini"),  # LiteLLM has this entry, and no host names it
        ("minimax/minimax-m2.5", "MiniMax M2.5"),  # letter for letter the hub's id, and not the maker's
        ("minimax/MiniMax-M2.5", "MiniMax-M2.5"),
        ("opencode-kimi-k2-5", "Kimi K2.5"),
    ],
)
def test_names(model_id: str, name: str) -> None:
    """The official name, from the first that have the id letter for letter."""
    assert name_of(found(model_id)) == name


def catalog(provider: str, **models: Any) -> tuple[Shelved, ...]:
    """What a shelf has for a provider with these entries."""
    return (Shelved(f"catalog:{provider}", ProviderCatalog(provider, models)),)


def test_of_two_services_only_what_both_say_is_known() -> None:
    """``opencode-x1`` may be either; what one of them does not state, the other decides."""
    one = {"name": "X 1", "limit": {"context": 10, "output": 5}, "cost": {"input": 1, "output": 2, "cacheRead": 0.1}}
    two = {"name": "X-1", "limit": {"context": 20, "output": 5}, "cost": {"input": 1, "output": 2, "cacheRead": 0.2}}
    shelf = {
        "opencode-go": catalog("opencode-go", x1=one),
        "opencode": catalog("opencode", x1=two | {"toolCall": True}),
    }
    match = find(candidates("opencode-x1", None), shelf)
    assert match is not None
    (source, facts), (_source, name) = match.layers
    assert source == "catalog:opencode-go+opencode"
    assert (facts.limit, facts.tool_call, name.name) == (Limit(None, 5), True, "X 1")
    assert facts.cost is not None
    assert (facts.cost.input, facts.cost.cache_read) == (Decimal(1), None)
    shelf["opencode"] = catalog("opencode", x1=two | {"cost": {"input": 1, "output": 3}})
    match = find(candidates("opencode-x1", None), shelf)
    assert match is not None
    assert match.layers[0][1].cost is None


def test_two_entries_that_are_spelled_alike_match_only_as_they_are() -> None:
    """Which of them is meant, cannot be known."""
    shelf = {"openai": catalog("openai", **{"gpt-9.1": {"name": "A"}, "gpt-9-1": {"name": "B"}})}
    names = [name_of(find(candidates(model_id, None), shelf)) for model_id in ("gpt-9.1", "gpt-9-1", "GPT-9-1")]
    assert names == ["A", "B", None]


def test_a_catalog_above_has_its_own_layer_and_the_last_word_on_the_name() -> None:
    """As the catalog of a team is above the bundled one."""
    above = Shelved(
        "catalog:example.org/openai", ProviderCatalog("openai", {"gpt-9": {"name": "Ours", "mode": "responses"}})
    )
    shelf = {"openai": (*catalog("openai", **{"gpt-9": {"name": "GPT-9", "limit": {"context": 7}}}), above)}
    match = find(candidates("gpt-9", None), shelf)
    assert match == Found(
        (
            ("catalog:openai", Facts(limit=Limit(7))),
            ("catalog:example.org/openai", Facts(mode="responses")),
            ("catalog:example.org/openai", Facts(name="Ours")),
        ),
        exact=True,
    )


def test_an_id_that_is_known_needs_its_own_catalog_alone() -> None:
    """The shelf is asked in the order of the candidates, and no further than it takes."""
    asked: list[str] = []

    class Asked(BundledShelf):
        def get(self, provider: str, default: Any = None) -> Any:
            asked.append(provider)
            return super().get(provider, default)

    for model_id in ("claude-opus-4-5", "anthropic/claude-sonnet-4-6"):
        find(candidates(model_id, None), Asked({}))
    assert set(asked) == {"anthropic"}


@given(st.text(max_size=60), st.none() | st.text(max_size=20))
def test_nothing_raises(model_id: str, provider: str | None) -> None:
    """An id can be any text."""
    match = found(model_id, provider)
    assert match is None or match.layers is not None
