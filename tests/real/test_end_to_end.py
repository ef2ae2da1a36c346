"""The whole road: a real LiteLLM, litellm-discover, and the real OpenCode with what was written for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import upstream as answers
from forwarder import Forwarder
from tool import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_proxy import Proxy
    from opencode import OpenCode
    from upstream import Upstream

pytestmark = pytest.mark.real

CANARY = "sk-test-canary-of-another-provider"
RESPONSES_MODELS = {"gpt-5.4", "gpt-5.4-mini", "gpt-5.5"}


@pytest.fixture
def keyed(keyed_proxy: Proxy) -> Iterator[Forwarder]:
    """The proxy with a master key, behind a recorder."""
    with Forwarder(keyed_proxy.port) as forwarder:
        yield forwarder


@pytest.fixture
def open_(open_proxy: Proxy) -> Iterator[Forwarder]:
    """The open proxy, behind a recorder."""
    with Forwarder(open_proxy.port) as forwarder:
        yield forwarder


def listed(opencode: OpenCode, provider: str, env: dict[str, str]) -> list[str]:
    """The ids that OpenCode lists for a provider."""
    result = opencode.models(provider, env=env)
    assert result.returncode == 0, result.stderr
    return [line.split("/", 1)[1] for line in result.stdout.split()]


def test_every_model_of_the_stack_is_in_the_picker_once(
    keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode
) -> None:
    """`--write opencode` puts all 30 into the two providers, each once, and OpenCode lists them."""
    key = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    run = discover("--port", str(keyed.port), "--write", "opencode", root=opencode.root, env=key)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    assert "added 30 models" in run.stderr
    chat, responses = (listed(opencode, provider, key) for provider in ("litellm", "litellm-responses"))
    assert set(responses) == RESPONSES_MODELS
    assert len(chat) + len(responses) == len({*chat, *responses}) == 30


def test_who_answers_decides_about_the_route_and_not_the_name(backends_proxy: Proxy, opencode: OpenCode) -> None:
    """The same model at OpenAI, at Azure, and at an address of somebody else, who need not have the other route."""
    env = {"LITELLM_API_KEY": str(backends_proxy.key)}
    run = discover("--port", str(backends_proxy.port), "--json", root=opencode.root, env=env)
    models = {model["id"]: model for model in run.json["models"]}
    routes = {name: models[name]["transport"] for name in ("gpt-5.5", "az-gpt-5", "third-gpt-5.5", "glm-5")}
    assert routes == {"gpt-5.5": "responses", "az-gpt-5": "responses", "third-gpt-5.5": "chat", "glm-5": "chat"}
    assert models["gpt-5.5"]["parameters"]["store"]
    assert "store" not in models["third-gpt-5.5"]["parameters"]


def test_what_opencode_understood_is_what_the_proxy_said(
    keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode
) -> None:
    """Name, limits, prices, modalities and efforts arrive in OpenCode's own picture of the models."""
    key = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    discover("--port", str(keyed.port), "--write", "opencode", root=opencode.root, env=key)
    blocks = opencode.models("litellm", verbose=True, env=key).stdout.split("\nlitellm/")
    shown = {block.split("\n", 1)[0].removeprefix("litellm/"): json.loads(block.split("\n", 1)[1]) for block in blocks}
    claude, deepseek = shown["claude-sonnet-4-6"], shown["opencode-deepseek-v4-flash"]
    assert claude["name"] == "Claude Sonnet 4.6"
    assert claude["limit"]["context"] == 1_000_000
    assert (claude["cost"]["input"], claude["cost"]["output"], claude["cost"]["cache"]["read"]) == (3, 15, 0.3)
    assert {"image", "pdf"} <= {name for name, takes in claude["capabilities"]["input"].items() if takes}
    assert {"low", "medium", "high"} <= set(claude["variants"])
    assert deepseek["cost"]["input"] == 0.09


def test_turns_take_the_route_of_their_model_and_no_other_key(
    keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode, upstream: Upstream
) -> None:
    """A chat model answers over /v1/chat/completions, a reasoning model streams over /v1/responses."""
    env = {"LITELLM_API_KEY": str(keyed_proxy.key), "OPENAI_API_KEY": CANARY}
    discover("--port", str(keyed.port), "--write", "opencode", root=opencode.root, env=env)
    for model, path, text in (
        ("litellm/mistral-small-4", "POST /v1/chat/completions", answers.CHAT_TEXT),
        ("litellm-responses/gpt-5.5", "POST /v1/responses", answers.RESPONSES_TEXT),
    ):
        keyed.clear()
        turn = opencode.run(model, "hi", env=env)
        assert (turn.returncode, turn.text, turn.errors) == (0, text, ())
        assert set(keyed.paths()) == {path}
        assert f"Bearer {keyed_proxy.key}" in keyed.text()
        assert CANARY not in keyed.text()
    assert all(request.body["stream"] for request in upstream.requests())
    assert not upstream.seen(CANARY)


@pytest.mark.parametrize("style", ["sibling", "per-model"])
def test_an_open_proxy_works_and_sees_no_key_at_all(
    open_: Forwarder, opencode: OpenCode, upstream: Upstream, style: str
) -> None:
    """Without any key of the proxy, both routes answer, and the person's OpenAI key stays at home."""
    env = {"OPENAI_API_KEY": CANARY}
    run = discover(
        "--port", str(open_.port), "--responses-style", style, "--write", "opencode", root=opencode.root, env=env
    )
    assert run.returncode == 0, run.stderr
    responses = "litellm-responses/gpt-5.5" if style == "sibling" else "litellm/gpt-5.5"
    chat = opencode.run("litellm/mistral-small-4", "hi", env=env)
    streamed = opencode.run(responses, "hi", env=env)
    assert (chat.text, streamed.text) == (answers.CHAT_TEXT, answers.RESPONSES_TEXT)
    assert {"POST /v1/chat/completions", "POST /v1/responses"} <= set(open_.paths())
    assert CANARY not in open_.text()
    assert not upstream.seen(CANARY)


def test_without_the_variable_a_keyed_proxy_refuses_and_still_sees_no_other_key(
    keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode
) -> None:
    """Written with a key in the environment, used without it: an error, never the person's OpenAI key."""
    discover(
        "--port",
        str(keyed.port),
        "--write",
        "opencode",
        root=opencode.root,
        env={"LITELLM_API_KEY": str(keyed_proxy.key)},
    )
    keyed.clear()
    for model in ("litellm/mistral-small-4", "litellm-responses/gpt-5.5"):
        turn = opencode.run(model, "hi", env={"OPENAI_API_KEY": CANARY})
        assert turn.errors
    assert keyed.paths()
    assert CANARY not in keyed.text()


def test_a_key_stored_by_opencode_serves_all_models(keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode) -> None:
    """With `opencode auth` alone, discovery reads the proxy and every model answers, whatever its family."""
    opencode.write_auth({"litellm": str(keyed_proxy.key)})
    env = {"OPENAI_API_KEY": CANARY}
    run = discover("--port", str(keyed.port), "--write", "opencode", root=opencode.root, env=env)
    assert run.returncode == 0, run.stderr
    assert "export LITELLM_API_KEY" in run.stderr
    assert len(listed(opencode, "litellm", env)) == 30
    turns = [opencode.run(f"litellm/{model}", "hi", env=env) for model in ("gpt-5.5", "mistral-small-4")]
    assert all(not turn.errors and turn.text for turn in turns)
    assert CANARY not in keyed.text()


def test_a_second_run_writes_nothing(keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode) -> None:
    """Same proxy, same file: the same inode and time, and `--check` agrees before and after."""
    key = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    arguments = ("--port", str(keyed.port), "--write", "opencode")
    assert discover(*arguments, "--check", root=opencode.root, env=key).returncode == 4
    discover(*arguments, root=opencode.root, env=key)
    path = opencode.root / "config" / "opencode" / "opencode.jsonc"
    before = path.stat()
    again = discover(*arguments, root=opencode.root, env=key)
    assert "up to date" in again.stderr
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert discover(*arguments, "--check", root=opencode.root, env=key).returncode == 0
    assert discover(*arguments, "--dry-run", root=opencode.root, env=key).stdout == ""


def test_the_key_is_asked_for_and_never_shown(keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode) -> None:
    """Without a key the person is told what to do; with one it is in no output and in no file."""
    missing = discover("--port", str(keyed.port), root=opencode.root)
    assert missing.returncode == 1
    assert "export LITELLM_API_KEY" in missing.stderr
    wrong = discover("--port", str(keyed.port), "--json", root=opencode.root, env={"LITELLM_API_KEY": "sk-wrong-1234"})
    assert (wrong.returncode, wrong.json["status"]) == (1, "error")
    assert "sk-wrong-1234" not in wrong.stdout + wrong.stderr

    key = str(keyed_proxy.key)
    env = {"LITELLM_API_KEY": key}
    port = str(keyed.port)
    runs = [discover("--port", port, *more, root=opencode.root, env=env) for more in ((), ("--json",), ("-v",))]
    runs.append(discover("--port", port, "--write", "opencode", root=opencode.root, env=env))
    assert [run.returncode for run in runs] == [0, 0, 0, 0]
    assert not [run for run in runs if key in run.stdout + run.stderr]
    written = [path for path in opencode.root.rglob("*") if path.is_file()]
    assert any(path.name == "opencode.jsonc" for path in written)
    assert not [path for path in written if key.encode() in path.read_bytes()]


def test_the_recorder_would_see_a_leak(open_: Forwarder, opencode: OpenCode) -> None:
    """A provider as we never write it does send the person's OpenAI key: what the tests above rule out is real."""
    provider = {
        "npm": "@ai-sdk/openai",
        "env": ["LITELLM_API_KEY"],
        "options": {"baseURL": f"{open_.base_url}/v1"},
        "models": {"gpt-5.5": {}},
    }
    opencode.write_config({"provider": {"litellm-responses": provider}})
    opencode.run("litellm-responses/gpt-5.5", "hi", env={"OPENAI_API_KEY": CANARY})
    assert CANARY in open_.text()
