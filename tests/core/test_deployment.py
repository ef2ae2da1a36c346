"""What is read of ``litellm_params``, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core.options import TransportOptions
from litellm_discover.core.parameters import parameters
from litellm_discover.core.payloads import DESCRIBED, Row
from litellm_discover.core.reasoning import reasoning
from litellm_discover.core.transport import choose_transport
from recordings import rows_of

KEY = "sk-never-kept"


def described(params: object, **info: object) -> Row:
    """The row of one description with these parameters."""
    (row,) = rows_of(DESCRIBED, [{"model_name": "m", "litellm_params": params, "model_info": info}]).rows
    return row


@pytest.mark.parametrize(
    ("params", "provider", "foreign"),
    [
        ({"model": "openai/gpt-5.5"}, "openai", False),
        ({"model": "openai/gpt-5.5", "api_base": None}, "openai", False),
        ({"model": "openai/gpt-5.5", "api_base": "https://api.openai.com/v1"}, "openai", False),
        ({"model": "openai/gpt-5.5", "api_base": "https://eu.api.openai.com/v1"}, "openai", False),
        ({"model": "openai/gpt-5.5", "api_base": "https://mine.openai.azure.com/openai/v1"}, "openai", False),
        ({"model": "openai/gpt-5.5", "api_base": "https://mine.cognitiveservices.azure.com"}, "openai", False),
        ({"model": "openai/gpt-5.5", "api_base": "http://10.0.0.5:8000/v1"}, "openai", True),
        ({"model": "openai/gpt-5.5", "api_base": "https://api.openai.com.example.net/v1"}, "openai", True),
        ({"model": "openai/gpt-5.5", "api_base": "https://example.net/api.openai.com/v1"}, "openai", True),
        ({"model": "openai/gpt-5.5", "api_base": "https://evilapi.openai.com.example/v1"}, "openai", True),
        ({"model": "openai/gpt-5.5", "api_base": "https://[broken"}, "openai", True),
        ({"model": "gpt-5.5", "api_base": "http://vllm:8000"}, None, True),
        ({"model": "openai/gpt-5.5", "api_base": "http://vllm:8000"}, None, True),
        ({"model": "azure/gpt-5.5", "api_base": "https://apim.example.com"}, "azure", False),
        ({"model": "anthropic/claude-opus-4-8", "api_base": "https://gateway.example.com"}, "anthropic", False),
        ([], "openai", False),
    ],
)
def test_who_answers_in_openai_s_protocol(params: object, provider: str | None, *, foreign: bool) -> None:
    """OpenAI at its own address or without one, Microsoft for it, or somebody else."""
    assert described(params, litellm_provider=provider).foreign is foreign


def test_a_stranger_behind_the_name_is_not_openai() -> None:
    """Neither its route, nor its way of reasoning, nor its role, nor what it takes is concluded from the name."""
    listed = frozenset({"store", "prompt_cache_key", "max_completion_tokens"})
    params = {"model": "openai/gpt-5.5", "api_base": "http://127.0.0.1:8000/v1"}
    row = described(params, litellm_provider="openai", supported_openai_params=["store", "max_completion_tokens"])
    assert choose_transport(row, TransportOptions(), None) == ("chat", "rule:chat-unless-stated")
    assert reasoning(row)[0] is None
    assert parameters(row, "chat", None, listed) == ({"prompt_cache_key": False}, True)
    assert parameters(row, "responses", None, listed) == ({}, False)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"mode": "responses"}, ("responses", "proxy:mode")),
        ({"supported_endpoints": ["/v1/responses"]}, ("responses", "proxy:supported_endpoints")),
        ({"supported_endpoints": ["/v1/chat/completions", "/v1/responses"]}, ("chat", "rule:chat-unless-stated")),
    ],
)
def test_what_the_proxy_says_of_the_route_still_counts(info: dict[str, object], expected: tuple[str, str]) -> None:
    """LiteLLM itself sends each request for such a model to that route."""
    row = described({"model": "openai/gpt-5.5", "api_base": "http://vllm:8000"}, litellm_provider="openai", **info)
    assert choose_transport(row, TransportOptions(), None) == expected


@pytest.mark.parametrize(
    ("params", "info", "behind", "route"),
    [
        ({"model": "openai/gpt-5.5"}, {"key": "gpt-5.5"}, "gpt-5.5", "responses"),
        ({"model": "openai/gpt-5.5"}, {}, "openai/gpt-5.5", "responses"),
        ({"model": "anthropic/claude-opus-4-8"}, {}, "anthropic/claude-opus-4-8", "chat"),
        ({"model": "anthropic/claude\u202e"}, {}, "gpt-5", "responses"),
        ({}, {}, "gpt-5", "responses"),
    ],
)
def test_an_alias_is_what_is_behind_it(params: object, info: dict[str, object], behind: str, route: str) -> None:
    """As the price map calls it, as LiteLLM calls it, or at least as it is listed."""
    entry = {"model_name": "gpt-5", "litellm_params": params, "model_info": info}
    (row,) = rows_of(DESCRIBED, [entry]).rows
    assert row.behind == behind
    assert choose_transport(row, TransportOptions(), None)[0] == route


@pytest.mark.parametrize(
    ("tiers", "routes"),
    [
        ({"SIMPLE": "a", "COMPLEX": "b"}, ("a", "b")),
        ({"SIMPLE": ["a", "b"], "COMPLEX": "b"}, ("a", "b")),
        ({"SIMPLE": [{"model_name": "a", "litellm_params": {"api_key": KEY}}]}, ("a",)),
        ({"SIMPLE": "a", "COMPLEX": None}, None),
        ({"SIMPLE": "a", "COMPLEX": [5]}, None),
        ({"SIMPLE": [{"api_key": KEY}]}, None),
        ({"SIMPLE": ""}, None),
        ({"SIMPLE": "x" * 100_000}, None),
        ({"SIMPLE": [f"m{n}" for n in range(100)]}, None),
        ({"SIMPLE": []}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_tiers_of_a_router(tiers: object, routes: tuple[str, ...] | None) -> None:
    """A name, or a list of names or objects; what cannot be read in full is not read."""
    params = {"model": "auto_router/complexity_router", "complexity_router_config": {"tiers": tiers}}
    assert described(params).routes == routes


def test_the_default_of_a_router_is_one_of_its_routes() -> None:
    """Requests that no tier fits go there."""
    params: dict[str, Any] = {"complexity_router_config": {"tiers": {"A": "a"}}, "complexity_router_default_model": "z"}
    assert described(params).routes == ("a", "z")
    assert described(params | {"complexity_router_default_model": 5}).routes is None


def test_nothing_else_is_kept() -> None:
    """Addresses, keys and whatever else stands there are in no row."""
    params = {
        "model": "openai/x", "api_base": f"https://user:{KEY}@internal.example/{KEY}", "api_key": KEY,
        "extra_headers": {"x": KEY}, "complexity_router_config": {"tiers": {"A": "a"}, "key": KEY},
    }  # fmt: skip
    assert KEY not in repr(described(params))
    assert "internal" not in repr(described(params))
