"""The harness itself: both real programs run, and what they send is seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import upstream as answers

if TYPE_CHECKING:
    from litellm_proxy import Proxy
    from opencode import OpenCode
    from upstream import Upstream

pytestmark = pytest.mark.real

ROUTERS = {"frontier-router", "mistral-router", "opencodego-router"}

TURNS = (
    ("chat/completions", "gpt-5.5", "/v1/chat/completions", answers.CHAT_TEXT),
    ("chat/completions", "mistral-small-4", "/v1/chat/completions", answers.CHAT_TEXT),
    ("chat/completions", "opencode-kimi-k2-6", "/zen/go/v1/chat/completions", answers.CHAT_TEXT),
    ("chat/completions", "opencodego-router", "/zen/go/v1/chat/completions", answers.CHAT_TEXT),
    ("chat/completions", "claude-sonnet-4-6", "/v1/messages", answers.MESSAGES_TEXT),
    ("chat/completions", "gemini-2.5-pro", "/v1beta/models/gemini-2.5-pro:", answers.GEMINI_TEXT),
    ("responses", "gpt-5.5", "/v1/responses", answers.RESPONSES_TEXT),
)


def _model_ids(proxy: Proxy, *, key: str | None) -> list[str]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    response = httpx.get(f"{proxy.base_url}/v1/models", headers=headers, timeout=30, trust_env=False)
    response.raise_for_status()
    return [entry["id"] for entry in response.json()["data"]]


def _provider(package: str, proxy: Proxy, *models: str) -> dict[str, Any]:
    return {
        "npm": package,
        "name": "LiteLLM",
        "env": ["LITELLM_API_KEY"],
        "options": {"baseURL": f"{proxy.base_url}/v1"},
        "models": {model: {"name": model} for model in models},
    }


def test_keyed_proxy_lists_the_stack_only_with_the_key(keyed_proxy: Proxy) -> None:
    """The user's 27 models and three routers; nothing without the key."""
    ids = _model_ids(keyed_proxy, key=keyed_proxy.key)
    assert len(ids) == len(set(ids)) == 30
    assert set(ids) >= ROUTERS
    refused = httpx.get(f"{keyed_proxy.base_url}/v1/models", timeout=30, trust_env=False)
    assert refused.status_code == 401


def test_open_proxy_lists_the_same_without_a_key(keyed_proxy: Proxy, open_proxy: Proxy) -> None:
    """Both proxies serve the same stack in the same order."""
    assert open_proxy.key is None
    assert _model_ids(open_proxy, key=None) == _model_ids(keyed_proxy, key=keyed_proxy.key)


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize(("route", "model", "path", "text"), TURNS, ids=[f"{t[0]}-{t[1]}" for t in TURNS])
def test_every_provider_is_answered_by_the_recording_upstream(
    open_proxy: Proxy, upstream: Upstream, *, route: str, model: str, path: str, text: str, stream: bool
) -> None:
    """No request of a test leaves the machine, whichever provider serves the model."""
    prompt = [{"role": "user", "content": "Hello"}]
    body = {"model": model, "stream": stream, ("input" if route == "responses" else "messages"): prompt}
    response = httpx.post(f"{open_proxy.base_url}/v1/{route}", json=body, timeout=60, trust_env=False)
    assert response.status_code == 200, response.text
    assert text in response.text
    assert [path in request.path for request in upstream.requests()] == [True]


def test_opencode_chat_turn(opencode: OpenCode, keyed_proxy: Proxy, upstream: Upstream) -> None:
    """OpenCode lists a hand-written provider, and a turn goes through LiteLLM to the chat path."""
    models = ("mistral-small-4", "opencode-kimi-k2-6")
    provider = _provider("@ai-sdk/openai-compatible", keyed_proxy, *models)
    opencode.write_config({"provider": {"litellm": provider}})
    environment = {"LITELLM_API_KEY": str(keyed_proxy.key)}

    listed = opencode.models("litellm", env=environment)
    assert (listed.returncode, listed.stdout.split()) == (0, [f"litellm/{model}" for model in models])
    assert json.loads(opencode.debug_config().stdout)["provider"]["litellm"]["models"].keys() == {*models}

    turn = opencode.run("litellm/mistral-small-4", "hi", env=environment)
    assert (turn.returncode, turn.text, turn.errors) == (0, answers.CHAT_TEXT, ())
    (request,) = upstream.requests("/v1/chat/completions")
    assert request.body["stream"] is True
    assert not upstream.seen(str(keyed_proxy.key))


def test_opencode_responses_turn(opencode: OpenCode, keyed_proxy: Proxy, upstream: Upstream) -> None:
    """With OpenAI's own package a turn goes to the responses path; the key may be a stored one."""
    provider = _provider("@ai-sdk/openai", keyed_proxy, "gpt-5.5")
    opencode.write_config({"provider": {"litellm-responses": provider}})
    opencode.write_auth({"litellm-responses": str(keyed_proxy.key)})

    turn = opencode.run("litellm-responses/gpt-5.5", "hi", env={"OPENAI_API_KEY": "sk-test-canary"})
    assert (turn.returncode, turn.text, turn.errors) == (0, answers.RESPONSES_TEXT, ())
    assert [request.path for request in upstream.requests()] == ["/v1/responses"]
    assert not upstream.seen("sk-test-canary")
