"""The registry and our own configuration file as their user has them: a process, real files, a home of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from servers import described, proxy
from tool import Run, discover

from litellm_discover.cli.arguments import with_target
from litellm_discover.core import jsonc

if TYPE_CHECKING:
    from pathlib import Path

MODELS = """\
litellm_models:
  - id: llm-gateway/claude-opus-4-7
    name: Claude Opus 4.7
    reasoning: true
    thinkingBudgets: {minimal: 1024, low: 2048, medium: 8192, high: 16384, xhigh: 32768}
    contextWindow: 1000000
    maxTokens: 64000
    cost: {input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25}
azure_models:
  - id: azure/gpt-5
    contextWindow: 400000
    maxTokens: 128000
"""


def put(root: Path, name: str, text: str) -> Path:
    """A file in our own configuration directory."""
    path = root / "config" / "litellm-discover" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return path


def providers(root: Path) -> Any:
    """The providers in OpenCode's file."""
    config: Any = jsonc.parse((root / "config" / "opencode" / "opencode.jsonc").read_text("utf-8"))
    return config["provider"]


def pi_models(root: Path) -> dict[str, Any]:
    """The models in Pi's file."""
    config = json.loads((root / "home" / ".pi" / "agent" / "models.json").read_text("utf-8"))
    return {model["id"]: model for model in config["providers"]["litellm"]["models"]}


def models(run: Run) -> dict[str, Any]:
    """The models of a JSON document by id."""
    assert run.returncode == 0, run.stderr
    return {model["id"]: model for model in run.json["models"]}


def test_both_files_are_generated_from_the_registry_alone(tmp_path: Path) -> None:
    """With no proxy, no key and nothing remembered; and a second time nothing changes."""
    file = tmp_path / "models.yaml"
    file.write_text(MODELS)
    run = discover("--registry", str(file), "--offline", "--write", "all", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "nobody was asked" in run.stderr
    opencode, pi = providers(tmp_path), pi_models(tmp_path)
    claude = opencode["litellm"]["models"]["llm-gateway/claude-opus-4-7"]
    assert (claude["name"], claude["limit"]) == ("Claude Opus 4.7", {"context": 1000000, "output": 64000})
    assert claude["cost"] == {"input": 5, "output": 25, "cache_read": 0.5, "cache_write": 6.25}
    assert [*claude["variants"]] == ["minimal", "low", "medium", "high", "xhigh"]
    assert opencode["litellm"]["options"]["baseURL"] == "http://127.0.0.1:4000/v1"
    assert [*opencode["litellm-responses"]["models"]] == ["azure/gpt-5"]
    assert opencode["litellm-responses"]["options"]["apiKey"] == "{env:LITELLM_API_KEY}"
    assert [*pi] == ["azure/gpt-5", "llm-gateway/claude-opus-4-7"]
    assert (pi["azure/gpt-5"]["contextWindow"], pi["azure/gpt-5"]["api"]) == (400000, "openai-responses")
    again = discover("--registry", str(file), "--offline", "--write", "all", "--check", root=tmp_path)
    assert again.returncode == 0, again.stderr


def test_over_what_a_proxy_says_now_and_said_before(tmp_path: Path) -> None:
    """From the configuration directory, live, remembered, and when the proxy is silent. What is kept is the proxy's."""
    put(tmp_path, "ai_models.yaml", MODELS + "  - id: gpt-4o\n    name: Our 4o\n")
    with proxy(["gpt-4o", "other"]) as (port, _):
        arguments = ("--port", str(port), "--json")
        live = discover(*arguments, root=tmp_path)
        offline = discover(*arguments, "--offline", root=tmp_path)
    stale = discover(*arguments, root=tmp_path)
    assert stale.json["status"] == "stale"
    for run in (live, offline, stale):
        found = models(run)
        assert [*found] == ["azure/gpt-5", "gpt-4o", "llm-gateway/claude-opus-4-7", "other"]
        assert (found["gpt-4o"]["name"], found["gpt-4o"]["owner"]) == ("Our 4o", "azure")
        assert found["gpt-4o"]["sources"]["name"] == "user:registry"
    cache = tmp_path / "cache" / "litellm-discover" / "litellm"
    kept = json.loads((cache / "catalog.json").read_text())
    assert [model["id"] for model in kept["models"]] == ["gpt-4o", "other"]
    shim = (cache / "opencode.json").read_text()
    assert "Our 4o" in shim
    assert "llm-gateway/claude-opus-4-7" in shim


def test_names_as_the_person_wants_them(tmp_path: Path) -> None:
    """Options, variables, aliases and the template, in what is written, too."""
    put(tmp_path, "config.toml", 'name_template = "{name} {suffix}"\n[[proxy]]\nnames = { "gpt-4o" = "Mine" }\n')
    with proxy(["gpt-4o", "gpt-4.1-mini"]) as (port, _):
        arguments = ("--port", str(port), "--json")
        pretty = models(discover(*arguments, "--names", "pretty", root=tmp_path))
        raw = models(discover(*arguments, "--write", "opencode", root=tmp_path, env={"LITELLM_DISCOVER_NAMES": "raw"}))
    assert [model["name"] for model in pretty.values()] == ["GPT-4.1 mini (LiteLLM)", "Mine (LiteLLM)"]
    assert [model["name"] for model in raw.values()] == ["gpt-4.1-mini (LiteLLM)", "Mine (LiteLLM)"]
    text = (tmp_path / "config" / "opencode" / "opencode.jsonc").read_text()
    assert '"gpt-4.1-mini (LiteLLM)"' in text


def test_a_proxy_from_the_configuration_with_a_key_from_a_program(tmp_path: Path) -> None:
    """The key is in no output; a tool gets its name only, and that nobody exported it is said."""
    with proxy(["gpt-4o"]) as (port, log):
        put(
            tmp_path,
            "config.toml",
            f'write = ["opencode"]\n[[proxy]]\nurl = "http://127.0.0.1:{port}"\n'
            'key = { command = ["echo", "sk-canary-5"] }\n',
        )
        run = discover("--write", "--verbose", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "url in config.toml" in run.stderr
    assert "OpenCode has none for these models until you export LITELLM_API_KEY" in run.stderr
    assert "opencode: added 1 model" in run.stderr
    assert not (tmp_path / "home" / ".pi").exists()
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "config.toml"]
    assert not [path for path in files if b"sk-canary-5" in path.read_bytes()]
    assert "sk-canary-5" not in run.stdout + run.stderr
    assert "sk-canary-5" in str(log)


@pytest.mark.parametrize(
    ("arguments", "config", "status", "said"),
    [
        (("--write",), "", 2, "--write names no target"),
        (("--write", "--offline"), 'write = ["vim"]', 1, "line 1: write[0] must be one of: opencode, pi, all"),
        ((), "[[proxy]]\nurll = 'x'", 1, "line 2: proxy[0].urll is no key that is known here"),
        (("--names", "nice"), "", 2, "--names"),
        (("--registry", "none.yaml"), "", 1, "none.yaml is not there"),
        (("--offline",), "", 1, "nothing is remembered"),
    ],
)
def test_what_is_refused(tmp_path: Path, arguments: tuple[str, ...], config: str, status: int, said: str) -> None:
    """With the file, the line and the key, or the option."""
    if config:
        put(tmp_path, "config.toml", config)
    run = discover(*arguments, root=tmp_path)
    assert (run.returncode, run.stdout) == (status, "")
    assert said in run.stderr


def test_without_the_library_the_next_step_is_named(tmp_path: Path) -> None:
    """Only when there is a registry: nothing else needs it."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "yaml.py").write_text("raise ImportError")
    env = {"PYTHONPATH": str(blocked)}
    with proxy(["a"]) as (port, _):
        assert discover("--port", str(port), root=tmp_path, env=env).returncode == 0
        put(tmp_path, "ai_models.yaml", MODELS)
        run = discover("--port", str(port), "--json", root=tmp_path, env=env)
    (error,) = run.json["errors"]
    assert (run.returncode, error["code"]) == (1, "yaml_missing")
    assert "-m pip install pyyaml" in error["hint"]


def test_a_start_of_an_agent_takes_up_a_change_of_the_registry(tmp_path: Path) -> None:
    """What is remembered with the new entry over it, without asking; and nothing is done when nothing changed."""
    file = put(tmp_path, "ai_models.yaml", MODELS)
    with proxy(["a"], [described("a", max_input_tokens=8)]) as (port, log):
        env = {"LITELLM_DISCOVER_PORT": str(port)}
        assert discover("ready", "opencode", root=tmp_path, env=env).returncode == 0
        asked = len(log)
        file.write_text(MODELS.replace("Claude Opus 4.7", "Changed"))
        assert discover("ready", "opencode", root=tmp_path, env=env).returncode == 0
        assert len(log) == asked
    assert providers(tmp_path)["litellm"]["models"]["llm-gateway/claude-opus-4-7"]["name"] == "Changed"


@pytest.mark.parametrize(
    ("arguments", "completed"),
    [
        (["--write"], ["--write", "configured"]),
        (["--write", "--dry-run"], ["--write", "configured", "--dry-run"]),
        (["-q", "--write", "pi", "--write"], ["-q", "--write", "pi", "--write", "configured"]),
        (["--write", "--", "x"], ["--write", "configured", "--", "x"]),
        (["--write=pi"], ["--write=pi"]),
        (["run", "--", "opencode", "--write"], ["run", "--", "opencode", "--write"]),
        (["run", "opencode", "--write"], ["run", "opencode", "--write"]),
        (["-q", "--", "--write"], ["-q", "--", "--write"]),
        ([], []),
    ],
)
def test_write_without_a_target_means_those_that_are_configured(arguments: list[str], completed: list[str]) -> None:
    """And what is an agent's own is left alone."""
    assert with_target(arguments) == completed
