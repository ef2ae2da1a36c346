"""What LiteLLM makes of the parameters that a coding agent sends, for each kind of backend.

The upstream answers everything with 200: this is about what LiteLLM refuses, renames and drops while `drop_params` is
off, and about what `/v1/model/info` says of it. What the real backends would answer is not seen here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_proxy import Proxy
    from upstream import Upstream

pytestmark = pytest.mark.real

# Columns with .r are about /v1/responses, the others about /v1/chat/completions.
# store, key (prompt_cache_key): sent on, dropped, or refused with 400 before anything is sent.
# developer: the role or the field in which a message of this role arrives.
# cache: cache_control in a part of a message is kept, turned into Bedrock's own cache point, or stripped. The models of
#   OpenAI keep it here because the recorder is not openai.com, where LiteLLM strips it.
# none: this effort is sent on, refused, turned into the backend's own switch (off), into nothing at all (nothing), or
#   into an instruction to think (prompt).
TABLE = """
model              store    store.r  key      key.r    developer     developer.r   cache     cache.r   none     none.r
gpt-4o             sent     sent     sent     sent     system        developer     kept      stripped  refused  refused
gpt-4.1            sent     sent     sent     sent     system        developer     kept      stripped  refused  refused
gpt-5              sent     sent     sent     sent     system        developer     kept      stripped  refused  refused
gpt-5.1            sent     sent     sent     sent     system        developer     kept      stripped  sent     sent
gpt-5.5            sent     sent     sent     sent     system        developer     kept      stripped  sent     sent
o3                 sent     sent     sent     sent     developer     developer     kept      stripped  sent     sent
o4-mini            sent     sent     sent     sent     developer     developer     kept      stripped  sent     sent
gpt-5-codex        sent     sent     sent     sent     instructions  developer     stripped  stripped  sent     sent
glm-5              sent     sent     sent     sent     system        developer     kept      stripped  sent     refused
third-gpt-5.5      sent     sent     sent     sent     system        developer     kept      stripped  sent     sent
az-gpt-4.1         sent     sent     sent     sent     system        developer     kept      stripped  refused  sent
az-gpt-5           sent     sent     sent     sent     system        developer     kept      stripped  refused  refused
claude-haiku-4-5   refused  dropped  refused  refused  system        system        kept      kept      nothing  nothing
claude-sonnet-4-6  refused  dropped  refused  refused  system        system        kept      kept      nothing  nothing
claude-opus-4-8    refused  dropped  refused  refused  system        system        kept      kept      nothing  nothing
db-claude          refused  dropped  refused  refused  system        system        kept      kept      nothing  nothing
db-gemini          refused  dropped  refused  refused  system        system        kept      kept      nothing  nothing
db-gpt-5           refused  sent     refused  sent     system        developer     kept      stripped  sent     sent
db-gpt-5.5         refused  sent     refused  sent     instructions  developer     stripped  stripped  sent     sent
bedrock-claude     refused  dropped  refused  refused  system        system        point     point     nothing  nothing
bedrock-nova       refused  dropped  refused  refused  system        system        point     point     refused  refused
gemini-2.5-pro     refused  dropped  refused  refused  system        system        stripped  stripped  off      off
gemini-3.5-flash   refused  dropped  refused  refused  system        system        stripped  stripped  off      off
mistral-large      refused  dropped  refused  refused  system        system        stripped  stripped  refused  refused
magistral          refused  dropped  refused  refused  system        system        stripped  stripped  prompt   prompt
deepseek-chat      sent     dropped  sent     sent     system        system        stripped  stripped  off      off
deepseek-reasoner  sent     dropped  sent     sent     system        system        stripped  stripped  off      off
grok-4             refused  sent     refused  sent     system        developer     stripped  stripped  sent     sent
groq-gpt-oss       sent     dropped  sent     sent     system        system        stripped  stripped  sent     sent
or-claude          sent     sent     sent     sent     system        developer     kept      stripped  sent     sent
or-gpt-5           sent     sent     sent     sent     system        developer     stripped  stripped  sent     refused
fw-kimi            refused  sent     sent     sent     system        instructions  stripped  stripped  sent     sent
together-deepseek  sent     dropped  sent     sent     system        system        stripped  stripped  off      off
azure-ai-deepseek  sent     dropped  sent     sent     system        system        stripped  stripped  refused  refused
azure-ai-claude    refused  dropped  refused  refused  system        system        kept      kept      nothing  nothing
vllm-qwen          sent     sent     sent     sent     system        developer     stripped  stripped  sent     sent
ollama-qwen        refused  dropped  refused  refused  system        system        stripped  stripped  off      off
lm-studio-qwen     sent     dropped  sent     sent     system        system        stripped  stripped  refused  refused
opencode-deepseek  sent     dropped  sent     sent     developer     developer     kept      kept      nothing  nothing
"""

_COLUMNS, *_ROWS = (line.split() for line in TABLE.strip().splitlines())
EXPECTED = {row[0]: dict(zip(_COLUMNS[1:], row[1:], strict=True)) for row in _ROWS}

EPHEMERAL = {"cache_control": {"type": "ephemeral"}}
TOKENS = 4321
EFFORTS = ("reasoning_effort", '"reasoning"', '"thinking"', '"think"', "thinkingConfig", "output_config")


@pytest.fixture(scope="module")
def client(backends_proxy: Proxy) -> Iterator[httpx.Client]:
    """A client with the key of the proxy."""
    headers = {"authorization": f"Bearer {backends_proxy.key}"}
    with httpx.Client(base_url=backends_proxy.base_url, headers=headers, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture(scope="module")
def info(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """What the proxy says of each model."""
    rows = client.get("/v1/model/info").json()["data"]
    return {row["model_name"]: row["model_info"] for row in rows}


class Probe:
    """Sends one request for a model, streamed as agents do, and gives what reached the upstream."""

    def __init__(self, client: httpx.Client, upstream: Upstream, model: str) -> None:
        self._client = client
        self._upstream = upstream
        self._model = model

    def chat(self, role: str = "system", part: dict[str, Any] | None = None, **fields: Any) -> str | None:
        """The body that arrived, as text; None when LiteLLM refused the request."""
        return self._send("/v1/chat/completions", "messages", "text", role, part or {}, fields)

    def responses(self, role: str = "system", part: dict[str, Any] | None = None, **fields: Any) -> str | None:
        """The same for the other route."""
        return self._send("/v1/responses", "input", "input_text", role, part or {}, fields)

    def _send(
        self, route: str, name: str, kind: str, role: str, part: dict[str, Any], fields: dict[str, Any]
    ) -> str | None:
        self._upstream.clear()
        question = {"role": "user", "content": [{"type": kind, "text": "Hello", **part}]}
        messages = [{"role": role, "content": "the rules"}, question]
        body = {"model": self._model, "stream": True, name: messages, **fields}
        response = self._client.post(route, json=body)
        if response.status_code == 400:
            assert (self._upstream.requests(), "UnsupportedParamsError" in response.text) == ((), True), response.text
            return None
        assert (response.status_code, "hello via " in response.text) == (200, True), response.text
        (request,) = self._upstream.requests()
        return request.raw_body


def field(body: str | None, name: str) -> str:
    """Whether a parameter arrived under its own name."""
    if body is None:
        return "refused"
    return "sent" if name in json.loads(body) else "dropped"


def place(body: str | None) -> str:
    """In which role or field the first message arrived."""
    content = json.loads(body or "{}")
    if "instructions" in content:
        return "instructions"
    if "system" in content or "system_instruction" in content:
        return "system"
    messages = content.get("messages") or content["input"]
    return str(messages[0]["role"])


def cache(body: str | None) -> str:
    """What became of the mark in a part of a message."""
    assert body is not None
    return "kept" if "cache_control" in body else "point" if "cachePoint" in body else "stripped"


def effort(body: str | None) -> str:
    """What became of an effort of none."""
    if body is None:
        return "refused"
    content = json.loads(body)
    if content.get("reasoning_effort") == "none" or content.get("reasoning") == {"effort": "none"}:
        return "sent"
    if "draft your thinking process" in body:
        return "prompt"
    return "off" if any(name in body for name in EFFORTS) else "nothing"


def observed(probe: Probe) -> dict[str, str]:
    """The row of a model. What no backend refuses is asked in one request, with null for what some refuse."""
    limit = {"max_completion_tokens": TOKENS, "stream_options": {"include_usage": True}}
    chat = probe.chat("developer", EPHEMERAL, store=None, prompt_cache_key=None, **limit)
    limit = {"max_output_tokens": TOKENS, "include": ["reasoning.encrypted_content"]}
    responses = probe.responses("developer", EPHEMERAL, store=False, prompt_cache_key=None, **limit)
    # The limit arrives everywhere, under the name that the backend has for it.
    assert (str(TOKENS) in str(chat), str(TOKENS) in str(responses)) == (True, True)
    return {
        "store": field(probe.chat(store=False), "store"),
        "store.r": field(responses, "store"),
        "key": field(probe.chat(prompt_cache_key="a-key"), "prompt_cache_key"),
        "key.r": field(probe.responses(prompt_cache_key="a-key"), "prompt_cache_key"),
        "developer": place(chat),
        "developer.r": place(responses),
        "cache": cache(chat),
        "cache.r": cache(responses),
        "none": effort(probe.chat(reasoning_effort="none")),
        "none.r": effort(probe.responses(reasoning={"effort": "none"})),
    }


@pytest.mark.parametrize("model", EXPECTED)
def test_parameters_are_sent_dropped_or_refused_as_in_the_table(
    client: httpx.Client, upstream: Upstream, model: str
) -> None:
    """A new LiteLLM that treats a backend differently shows here, and in what the product has to avoid."""
    assert observed(Probe(client, upstream, model)) == EXPECTED[model]


def test_the_list_of_parameters_predicts_chat(info: dict[str, dict[str, Any]]) -> None:
    """`supported_openai_params` is right about store and prompt_cache_key; without a list both are possible."""
    lists = {model: entry.get("supported_openai_params") for model, entry in info.items()}
    assert lists.keys() == EXPECTED.keys()
    assert {model for model, listed in lists.items() if listed is None} == {"ollama-qwen", "opencode-deepseek"}
    for model, listed in lists.items():
        if listed is not None:
            said = tuple("sent" if name in listed else "refused" for name in ("store", "prompt_cache_key"))
            assert (model, *said) == (model, EXPECTED[model]["store"], EXPECTED[model]["key"])


def test_the_key_is_refused_on_responses_only_where_they_are_bridged() -> None:
    """That is where store is dropped; natively served backends take the key although it is not listed."""
    for model, row in EXPECTED.items():
        bridged = row["store.r"] == "dropped"
        assert (model, row["key.r"]) == (model, "refused" if bridged and row["key"] == "refused" else "sent")


def test_the_list_names_cache_control_for_anthropic_models_only(info: dict[str, dict[str, Any]]) -> None:
    """It is kept or translated for more: Databricks, Bedrock, OpenRouter's Claude, custom providers."""
    listed = {model for model, entry in info.items() if "cache_control" in (entry.get("supported_openai_params") or ())}
    assert listed == {"claude-haiku-4-5", "claude-sonnet-4-6", "claude-opus-4-8", "azure-ai-claude"}
    assert {EXPECTED[model]["cache"] for model in listed} == {"kept"}


def test_a_reasoning_model_with_the_parameter_listed_takes_low(
    client: httpx.Client, upstream: Upstream, info: dict[str, dict[str, Any]]
) -> None:
    """Either alone is not enough: gpt-4o lists reasoning_effort, DeepSeek on Azure is a reasoning model."""
    reasoning = {model for model, entry in info.items() if entry.get("supports_reasoning")}
    listed = {model for model in info if "reasoning_effort" in (info[model].get("supported_openai_params") or ())}
    takes = {model: _takes_low(Probe(client, upstream, model)) for model in reasoning | {"gpt-4o"}}
    assert len(reasoning & listed) > 20
    assert {model for model, both in takes.items() if both} == reasoning & listed
    assert ("gpt-4o" in listed, "azure-ai-deepseek" in reasoning) == (True, True)


def _takes_low(probe: Probe) -> bool:
    answers = (probe.chat(reasoning_effort="low"), probe.responses(reasoning={"effort": "low", "summary": "auto"}))
    return None not in answers


def test_the_efforts_of_a_model_group_say_whether_none_is_refused(client: httpx.Client) -> None:
    """`supported_reasoning_efforts` is right where it names any, for Azure too, whose flags are all null."""
    groups = {group["model_group"]: group for group in client.get("/model_group/info").json()["data"]}
    known = {model: efforts for model in EXPECTED if (efforts := groups[model]["supported_reasoning_efforts"])}
    assert {"gpt-5", "gpt-5.5", "az-gpt-5", "claude-opus-4-8"} <= known.keys()
    for model, efforts in known.items():
        row = EXPECTED[model]
        assert (model, "none" in efforts) == (model, "refused" not in {row["none"], row["none.r"]})
