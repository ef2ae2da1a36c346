"""The harness itself: all real programs run, and what they send is seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import upstream as answers
from pi import VERSIONS

if TYPE_CHECKING:
    from litellm_proxy import Proxy
    from opencode import OpenCode
    from pi import Pi
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


def _pi_models(base_url: str, *, key: str, **model: Any) -> str:
    models = [
        {"id": "for-chat", "api": "openai-completions", **model},
        {"id": "for-responses", "api": "openai-responses", "reasoning": True},
    ]
    provider = {"baseUrl": f"{base_url}/v1", "apiKey": key, "models": models}
    return json.dumps({"providers": {"litellm": provider}})


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


def test_every_backend_is_answered_by_the_recording_upstream(backends_proxy: Proxy, upstream: Upstream) -> None:
    """Plain requests of both routes; what is streamed is in test_parameters.py."""
    prompt = [{"role": "user", "content": "Hello"}]
    headers = {"authorization": f"Bearer {backends_proxy.key}"}
    models = _model_ids(backends_proxy, key=backends_proxy.key)
    with httpx.Client(base_url=backends_proxy.base_url, headers=headers, timeout=60, trust_env=False) as client:
        for model in models:
            for route, name in (("chat/completions", "messages"), ("responses", "input")):
                response = client.post(f"/v1/{route}", json={"model": model, name: prompt})
                assert (model, response.status_code) == (model, 200), response.text
                assert "hello via " in response.text
    assert len(upstream.requests()) == 2 * len(models)


def test_pi_is_of_the_version_it_is_installed_as(pi: Pi) -> None:
    """Three lines that differ in what they accept and send."""
    assert pi.version() == VERSIONS[pi.line]


def test_pi_lists_a_hand_written_file(pi: Pi) -> None:
    """Over RPC with what Pi made of it, and in the table; nothing without a file."""
    assert pi.models().models == ()
    pi.write_models(_pi_models("http://127.0.0.1:9", key="sk-test", name="Chat", contextWindow=200_000, maxTokens=9))
    listed = pi.models()
    assert (listed.ids(), listed.stderr) == (["for-chat", "for-responses"], "")
    model = listed.model("for-chat")
    assert (model["name"], model["contextWindow"], model["maxTokens"]) == ("Chat", 200_000, 9)
    table = pi.list_models()
    assert (table.ids(), table.error) == (listed.ids(), "")


def test_pi_turns_reach_the_upstream_directly(pi: Pi, upstream: Upstream) -> None:
    """Chat and streamed responses from one provider; the key of auth.json goes before that of models.json."""
    pi.write_models(_pi_models(upstream.base_url, key="sk-test-canary"))
    pi.write_auth({"litellm": "sk-test-stored"})
    chat = pi.run("litellm/for-chat", "hi")
    assert (chat.text, chat.stderr, chat.returncode) == (answers.CHAT_TEXT, "", 0)
    responses = pi.run("litellm/for-responses", "hi", thinking="low", tools=True)
    assert (responses.text, responses.stderr, responses.returncode) == (answers.RESPONSES_TEXT, "", 0)
    first, second = upstream.requests()
    assert [first.path, second.path] == ["/v1/chat/completions", "/v1/responses"]
    assert {request.header("authorization") for request in (first, second)} == {"Bearer sk-test-stored"}
    assert first.body["stream"] is second.body["stream"] is True
    assert second.body["reasoning"]["effort"] == "low"
    assert (bool(first.body.get("tools")), bool(second.body.get("tools"))) == (False, True)
    assert not upstream.seen("sk-test-canary")


def test_pi_says_why_it_refuses_a_file(pi: Pi) -> None:
    """One bad value, and every model is gone; only the table says so."""
    pi.write_models(_pi_models("http://127.0.0.1:9", key="sk-test", contextWindow="big"))
    table = pi.list_models()
    assert table.ids() == []
    assert "models.0.contextWindow: must be number" in table.error
    assert pi.models().models == ()
