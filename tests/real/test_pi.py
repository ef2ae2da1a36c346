"""The road to Pi: a real LiteLLM, litellm-discover, and each supported Pi with what was written for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import upstream as answers
from forwarder import Forwarder
from tool import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_proxy import Proxy
    from opencode import OpenCode
    from pi import Pi
    from tool import Run
    from upstream import Upstream

pytestmark = pytest.mark.real

CANARY = "sk-test-canary-of-another-provider"

# What Pi may send with every request, and what these tests are not about.
ALWAYS = {"model", "messages", "input", "stream", "stream_options", "tools"}

# The route, and beside what is sent always: what Pi sends at the level of thinking "low".
CHAT, RESPONSES = "POST /v1/chat/completions", "POST /v1/responses"
PLAIN = {"max_completion_tokens"}
NATIVE = {"include", "max_output_tokens", "prompt_cache_key", "reasoning", "store"}
SENT: dict[str, tuple[str, set[str]]] = {
    "claude-haiku-4-5": (CHAT, PLAIN | {"reasoning_effort"}),
    "claude-opus-4-8": (CHAT, PLAIN | {"reasoning_effort"}),
    "db-claude": (CHAT, PLAIN | {"reasoning_effort"}),
    "db-gpt-5": (RESPONSES, NATIVE),
    "gemini-2.5-pro": (CHAT, PLAIN | {"reasoning_effort"}),
    "mistral-large": (CHAT, PLAIN),
    "magistral": (CHAT, PLAIN | {"reasoning_effort"}),
    "deepseek-chat": (CHAT, PLAIN | {"store"}),
    "deepseek-reasoner": (CHAT, PLAIN | {"store", "reasoning_effort"}),
    # The proxy knows nothing of its own provider; what the alias stands for is publicly known.
    "opencode-deepseek": (CHAT, PLAIN | {"reasoning_effort"}),
    "gpt-4o": (CHAT, PLAIN | {"store"}),
    "gpt-5": (RESPONSES, NATIVE),
    "gpt-5.5": (RESPONSES, NATIVE),
    "o3": (RESPONSES, NATIVE),
}


@pytest.fixture
def keyed(keyed_proxy: Proxy) -> Iterator[Forwarder]:
    """The user's stack, behind a recorder."""
    with Forwarder(keyed_proxy.port) as forwarder:
        yield forwarder


@pytest.fixture
def backends(backends_proxy: Proxy) -> Iterator[Forwarder]:
    """The proxy with all kinds of backends, behind a recorder."""
    with Forwarder(backends_proxy.port) as forwarder:
        yield forwarder


def write(pi: Pi, port: int, *arguments: str, **env: str) -> Run:
    """`litellm-discover --write pi`, with this Pi on the PATH."""
    run = discover("--port", str(port), "--write", "pi", *arguments, root=pi.root, env={**pi.path, **env})
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    return run


def key_of(proxy: Proxy) -> dict[str, str]:
    """The environment in which the key is."""
    return {"LITELLM_API_KEY": str(proxy.key)}


def sent(forwarder: Forwarder) -> tuple[str, dict[str, Any]]:
    """The route and the body of the one request that came by."""
    (request,) = forwarder.requests()
    head, _, body = request.partition("\n\n")
    return " ".join(head.split()[:2]), json.loads(body)


def test_every_model_of_the_stack_is_there_and_as_the_proxy_said(pi: Pi, keyed: Forwarder, keyed_proxy: Proxy) -> None:
    """All 30 over RPC and in the table, without an error in the file, with every field."""
    env = key_of(keyed_proxy)
    assert "added 30 models" in write(pi, keyed.port, **env).stderr
    table, listed = pi.list_models(env=env), pi.models(env=env)
    assert (len(table.ids()), table.error) == (30, "")
    assert sorted(listed.ids()) == sorted(table.ids())
    gpt, claude = listed.model("gpt-5.5"), listed.model("claude-sonnet-4-6")
    assert (gpt["name"], gpt["api"], gpt["input"]) == ("GPT-5.5", "openai-responses", ["text", "image"])
    assert (gpt["contextWindow"], gpt["maxTokens"], gpt["reasoning"]) == (1_050_000, 128_000, True)
    tier = {"inputTokensAbove": 272_000, "input": 10, "output": 45, "cacheRead": 1, "cacheWrite": 10}
    tiers = {} if pi.line == "0.74" else {"tiers": [tier]}
    assert gpt["cost"] == {"input": 5, "output": 30, "cacheRead": 0.5, "cacheWrite": 5, **tiers}
    assert gpt["thinkingLevelMap"] | {"off": "none", "minimal": None, "xhigh": "xhigh"} == gpt["thinkingLevelMap"]
    assert (claude["name"], claude["api"]) == ("Claude Sonnet 4.6", "openai-completions")
    assert claude["cost"] == {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75}
    assert (claude["compat"]["supportsStore"], claude["compat"]["cacheControlFormat"]) == (False, "anthropic")
    router, deepseek = listed.model("frontier-router"), listed.model("opencode-deepseek-v4-flash")
    # The least of its tiers.
    assert (router["reasoning"], router["input"], router["contextWindow"]) == (True, ["text", "image"], 272_000)
    assert (deepseek["cost"]["input"], deepseek["cost"]["output"]) == (0.09, 0.27)
    assert {model["baseUrl"] for model in listed.models} == {f"{keyed.base_url}/v1"}


def test_no_backend_refuses_what_pi_sends(
    pi: Pi, backends: Forwarder, backends_proxy: Proxy, upstream: Upstream
) -> None:
    """A turn with tools and a level of thinking for each kind; the recorder knows every parameter."""
    env = key_of(backends_proxy)
    write(pi, backends.port, **env)
    for model, (route, parameters) in SENT.items():
        backends.clear()
        upstream.clear()
        turn = pi.run(f"litellm/{model}", "hi", thinking="low", tools=True, env=env)
        assert (model, turn.returncode, turn.stderr) == (model, 0, "")
        assert turn.text.startswith("hello via ")
        path, body = sent(backends)
        assert (model, path, body.keys() - ALWAYS) == (model, route, parameters)
        assert body["stream"]
        assert len(upstream.requests()) == 1


def test_thinking_can_be_off_where_the_backend_allows_it(
    pi_newest: Pi, backends: Forwarder, backends_proxy: Proxy, upstream: Upstream
) -> None:
    """Claude is asked without an effort and does not think; gpt-5, which cannot be off, gets the least it takes."""
    env = key_of(backends_proxy)
    write(pi_newest, backends.port, **env)
    for model, effort in (("claude-haiku-4-5", None), ("gpt-5", "minimal"), ("gpt-5.1", "none"), ("o3", "low")):
        backends.clear()
        assert pi_newest.run(f"litellm/{model}", "hi", thinking="off", env=env).returncode == 0
        body = sent(backends)[1]
        assert (model, body.get("reasoning_effort") or body.get("reasoning", {}).get("effort")) == (model, effort)
    (claude,) = upstream.requests("/v1/messages")
    assert "thinking" not in claude.body


def test_claude_is_asked_to_cache(pi: Pi, backends: Forwarder, backends_proxy: Proxy, upstream: Upstream) -> None:
    """The marks without which Claude caches nothing reach it, with the long retention too, and nothing is refused."""
    env = key_of(backends_proxy)
    write(pi, backends.port, **env)
    for retention in ({}, {"PI_CACHE_RETENTION": "long"}):
        upstream.clear()
        turn = pi.run("litellm/claude-haiku-4-5", "hi", tools=True, env={**env, **retention})
        assert (turn.text, turn.returncode) == (answers.MESSAGES_TEXT, 0), turn.stderr
        (request,) = upstream.requests()
        parts = [*request.body["system"], *request.body["messages"][-1]["content"]]
        assert [part["cache_control"]["type"] for part in parts if "cache_control" in part] == ["ephemeral"] * 2


def test_a_route_that_a_person_forces_is_not_refused_either(pi: Pi, backends: Forwarder, backends_proxy: Proxy) -> None:
    """Claude over /v1/responses: each version is told in its own words to leave out the cache key, or uses chat."""
    env = key_of(backends_proxy)
    write(pi, backends.port, "--transport", "responses", "--include", "claude-haiku-4-5", **env)
    backends.clear()
    turn = pi.run("litellm/claude-haiku-4-5", "hi", thinking="low", env=env)
    assert (turn.text, turn.returncode) == (answers.MESSAGES_TEXT, 0), turn.stderr
    path, body = sent(backends)
    assert (path, body.get("prompt_cache_key")) == (CHAT if pi.line == "0.74" else RESPONSES, None)


CURATED = """\
{
  // my own providers
  "providers": {
    "ollama": {
      "baseUrl": "http://127.0.0.1:11434/v1", "api": "openai-completions", "apiKey": "ollama",
      "models": [{ "id": "qwen3:8b" }], // small
    },
    "litellm": {
      "models": [
        { "id": "claude-opus-4-8", "name": "The big one", "api": "openai-completions" }, // mine
      ],
      "modelOverrides": {
        "gpt-5.5": { "name": "Overridden" }, // of mine, too
      },
    },
  },
}
"""


def test_what_a_person_wrote_stays_and_counts(pi: Pi, keyed: Forwarder, keyed_proxy: Proxy) -> None:
    """Other providers, comments, an entry of theirs and their overrides: every byte stays, and Pi uses them."""
    env = key_of(keyed_proxy)
    pi.write_models(CURATED)
    assert "29 models, 1 yours" in write(pi, keyed.port, **env).stderr
    text = pi.models_path.read_text("utf-8")
    rest = text
    for line in CURATED.splitlines(keepends=True):
        _before, found, rest = rest.partition(line)
        assert found, line
    table, listed = pi.list_models(env=env), pi.models(env=env)
    assert (len(table.ids()), table.ids("ollama"), table.error) == (30, ["qwen3:8b"], "")
    assert listed.model("claude-opus-4-8")["name"] == "The big one"
    # 0.74 applies overrides to its own models only; the others to whatever has the id.
    assert listed.model("gpt-5.5")["name"] == ("GPT-5.5" if pi.line == "0.74" else "Overridden")
    undone = discover("undo", "pi", root=pi.root, env=pi.path)
    assert (undone.returncode, pi.models_path.read_text("utf-8")) == (0, CURATED), undone.stderr


def test_an_open_proxy_sees_no_key_of_the_person(pi: Pi, open_proxy: Proxy, upstream: Upstream) -> None:
    """Both routes answer without a key, whatever else is in the environment."""
    env = {"OPENAI_API_KEY": CANARY}
    with Forwarder(open_proxy.port) as forwarder:
        write(pi, forwarder.port, **env)
        chat = pi.run("litellm/mistral-small-4", "hi", env=env)
        streamed = pi.run("litellm/gpt-5.5", "hi", env=env)
        assert (chat.text, streamed.text) == (answers.CHAT_TEXT, answers.RESPONSES_TEXT)
        assert {CHAT, RESPONSES} <= set(forwarder.paths())
        assert CANARY not in forwarder.text()
    assert not upstream.seen(CANARY)


def test_a_key_that_only_pi_has_serves_discovery_and_pi(pi: Pi, keyed: Forwarder, keyed_proxy: Proxy) -> None:
    """Stored with /login: it reads the proxy, is written nowhere, and every model answers."""
    pi.write_auth({"litellm": str(keyed_proxy.key)})
    write(pi, keyed.port)
    assert len(pi.models().ids()) == 30
    assert pi.run("litellm/gpt-5.5", "hi").text == answers.RESPONSES_TEXT
    written = [path for path in pi.root.rglob("*") if path.is_file() and path != pi.auth_path]
    assert not [path for path in written if str(keyed_proxy.key).encode() in path.read_bytes()]


def test_both_agents_from_one_discovery(
    pi_newest: Pi, opencode: OpenCode, keyed: Forwarder, keyed_proxy: Proxy
) -> None:
    """`--write all` asks the proxy once, writes both files, and both agents list all 30; again, it writes nothing."""
    env = {**key_of(keyed_proxy), **pi_newest.path, "PI_CODING_AGENT_DIR": str(pi_newest.agent)}
    run = discover("--port", str(keyed.port), "--write", "all", root=opencode.root, env=env)
    assert (run.returncode, run.stderr.count("added 30 models")) == (0, 2), run.stderr
    assert keyed.paths().count("GET /v1/models") == 1
    assert len(pi_newest.models(env=env).ids()) == 30
    shown = [
        line for name in ("litellm", "litellm-responses") for line in opencode.models(name, env=env).stdout.split()
    ]
    assert len(shown) == 30
    again = discover("--port", str(keyed.port), "--write", "all", root=opencode.root, env=env)
    assert again.stderr.count("up to date") == 2


def test_a_provider_of_its_own_for_responses_on_request(pi: Pi, keyed: Forwarder, keyed_proxy: Proxy) -> None:
    """With the sibling style each model is under one of two providers."""
    env = key_of(keyed_proxy)
    write(pi, keyed.port, "--responses-style", "sibling", **env)
    listed = pi.models(env=env)
    assert (len(listed.ids()), sorted(listed.ids("litellm-responses"))) == (27, ["gpt-5.4", "gpt-5.4-mini", "gpt-5.5"])
    assert pi.run("litellm-responses/gpt-5.5", "hi", env=env).text == answers.RESPONSES_TEXT


EXTENSION = """\
const { readFileSync } = require("node:fs");
module.exports = (pi) => {
  const { targets } = JSON.parse(readFileSync(process.env.FOUND, "utf8"));
  for (const [name, provider] of Object.entries(targets.pi.providers)) pi.registerProvider(name, provider);
};
"""


def test_an_extension_can_register_what_the_json_has(pi: Pi, keyed: Forwarder, keyed_proxy: Proxy) -> None:
    """`--json --for pi` has complete models: with one field missing Pi would crash when it lists them."""
    env = key_of(keyed_proxy)
    found = pi.root / "found.json"
    run = discover("--port", str(keyed.port), "--json", "--for", "pi", root=pi.root, env={**env, **pi.path})
    found.write_text(run.stdout, encoding="utf-8")
    extension = pi.root / "extension.js"
    extension.write_text(EXTENSION, encoding="utf-8")
    table = pi.list_models(extension=extension, env={**env, "FOUND": str(found)})
    assert (len(table.ids()), table.error) == (30, ""), table.text
