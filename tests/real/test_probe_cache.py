"""`probe-cache` through the real LiteLLM, with backends that count their prompt cache as each provider does."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from litellm_proxy import CACHING, MASTER_KEY, LiteLLM, configuration
from tool import discover
from upstream import CHAT_TEXT, MESSAGES_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_proxy import Proxy
    from upstream import Upstream

pytestmark = pytest.mark.real

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "probe-cache.schema.json").read_text("utf-8"))
)
OWN_CACHE = ("cache: false", "cache: true\n  cache_params: {type: local}")
# What is said to be missing where several deployments take turns.
STICKY = ("router_settings:", "router_settings:\n  optional_pre_call_checks: [prompt_caching, deployment_affinity]")


@pytest.fixture(scope="module")
def proxies(
    litellm_binary: Path, upstream_server: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Proxy]]:
    """Two proxies with the same backends; one has a response cache of its own, and stays with a deployment."""
    config = configuration(CACHING, upstream_server.base_url, keyed=True)
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(LiteLLM(litellm_binary, text, tmp_path_factory.mktemp(name), key=MASTER_KEY))
            for name, text in (("plain", config), ("caching", config.replace(*OWN_CACHE).replace(*STICKY)))
        }
        yield {name: proxy.ready() for name, proxy in started.items()}


def probe(proxy: Proxy, root: Path, *models: str) -> dict[str, dict[str, Any]]:
    """What is found of these models, by id."""
    env = {"LITELLM_API_KEY": str(proxy.key)}
    run = discover("probe-cache", *models, "--yes", "--json", "--url", proxy.base_url, root=root, env=env)
    assert run.stdout, run.stderr
    SCHEMA.validate(run.json)
    said = run.stdout + run.stderr
    assert not [text for text in (CHAT_TEXT, MESSAGES_TEXT, str(proxy.key)) if text in said]
    return {each["id"]: each for each in run.json["models"]}


@pytest.mark.parametrize(
    ("model", "transport", "verdict"),
    [
        ("gpt-4o", "chat", "works"),
        ("gpt-5.5", "responses", "works"),
        ("gemini-2.5-pro", "chat", "works"),
        ("claude-sonnet-4-6", "chat", "works_with_marks"),
        ("claude-marked", "chat", "works"),
    ],
)
def test_caching_is_seen_in_each_style(
    proxies: dict[str, Proxy], tmp_path: Path, model: str, transport: str, verdict: str
) -> None:
    """OpenAI on both routes, Google, and Anthropic with the agent's marks or the proxy's own."""
    found = probe(proxies["plain"], tmp_path, model)[model]
    assert (found["transport"], found["verdict"]) == (transport, verdict), found
    assert found["cachedShare"] > 0.8
    assert 40 < found["savingPercent"] < 100  # gpt-4o halves the price, the others take nine tenths off
    assert found["responseCache"] is False
    assert 0 < found["spentUsd"] < found["boundUsd"]


def test_marks_make_the_difference_where_they_do(proxies: dict[str, Proxy], tmp_path: Path) -> None:
    """One request in five has none; it is cached only where the proxy sets them."""
    found = probe(proxies["plain"], tmp_path, "claude-sonnet-4-6", "claude-marked")
    assert found["claude-sonnet-4-6"]["unmarkedShare"] == 0
    assert found["claude-marked"]["unmarkedShare"] > 0.8


def test_none_is_told_with_its_cause(proxies: dict[str, Proxy], tmp_path: Path) -> None:
    """Where nobody caches, and where nobody says so; one that is down does not hide the others."""
    found = probe(proxies["plain"], tmp_path, "claude-elsewhere", "qwen", "broken")
    told = {model: (each["verdict"], each["code"]) for model, each in found.items()}
    assert told == {
        "claude-elsewhere": ("none", "marks_ignored"),
        "qwen": ("unclear", "not_reported"),
        "broken": ("failed", "backend_failed"),
    }


def test_a_key_that_is_refused_is_let_through_by_the_setting(
    proxies: dict[str, Proxy], upstream: Upstream, tmp_path: Path
) -> None:
    """Mistral's cache wants one; what the person allows is sent."""
    found = probe(proxies["plain"], tmp_path, "mistral-large", "mistral-allowed")
    assert found["mistral-large"]["code"] == "cache_key_refused"
    assert found["mistral-allowed"]["verdict"] == "works"
    keys = [
        {request.body.get("prompt_cache_key") for request in upstream.requests(path)}
        for path in ("/elsewhere/", "/caching/")
    ]
    assert (keys[0], len(keys[1]), None in keys[1]) == ({None}, 1, False)


def test_the_proxys_own_response_cache_is_told_apart(
    proxies: dict[str, Proxy], upstream: Upstream, tmp_path: Path
) -> None:
    """It answers the request that was sent before, and no other: the provider's cache is seen behind it."""
    found = probe(proxies["caching"], tmp_path, "gpt-4o", "claude-elsewhere")
    assert {model: (each["verdict"], each["responseCache"]) for model, each in found.items()} == {
        "gpt-4o": ("works", True),
        "claude-elsewhere": ("response_cache", True),
    }
    assert len(upstream.requests("/caching/")) == 3
    assert found["gpt-4o"]["requests"] == 4


@pytest.mark.parametrize("model", ["claude-balanced", "gpt-balanced"])
def test_deployments_that_take_turns_are_told_and_the_setting_helps(
    proxies: dict[str, Proxy], tmp_path: Path, model: str
) -> None:
    """Chance decides who answers: in ten probes of three questions to four accounts it is not always the same."""
    codes: list[str] = []
    while "several_deployments" not in codes and len(codes) < 10:
        codes.append(probe(proxies["plain"], tmp_path, model)[model]["code"])
    assert "several_deployments" in codes
    for _ in range(3):
        assert probe(proxies["caching"], tmp_path, model)[model]["verdict"].startswith("works")
