"""`--write pi` and `--write all` with the built-in example proxy: what a person and a script see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from servers import described, proxy
from tool import discover

from litellm_discover.core import jsonc
from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Example = tuple[str, dict[str, str]]


@pytest.fixture(scope="module")
def example() -> Iterator[Example]:
    """The port of the example proxy, and the environment with its key."""
    with example_proxy() as (port, key):
        yield str(port), {"LITELLM_API_KEY": key, "PATH": "/nonexistent"}


def models_json(root: Path, text: str | None = None) -> Path:
    """Pi's file below ``root``, with ``text`` in it."""
    path = root / "home" / ".pi" / "agent" / "models.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is not None:
        path.write_bytes(text.encode())
    return path


def models_of(path: Path) -> list[Any]:
    """The models that we wrote."""
    config: Any = jsonc.parse(path.read_text("utf-8"))
    models: list[Any] = config["providers"]["litellm"]["models"]
    return models


def test_write_check_diff_undo(tmp_path: Path, example: Example) -> None:
    """The same commands as for OpenCode, and the bytes from before come back."""
    port, env = example
    before = '{ "providers": {} } // nothing yet\n'
    path = models_json(tmp_path, before)
    arguments = ("--port", port, "--write", "pi")
    assert discover(*arguments, "--check", root=tmp_path, env=env).returncode == 4
    dry = discover(*arguments, "--dry-run", root=tmp_path, env=env)
    assert '"apiKey": "$LITELLM_API_KEY"' in dry.stdout
    assert path.read_text("utf-8") == before
    assert "pi: added 30 models" in discover(*arguments, root=tmp_path, env=env).stderr
    assert len(models_of(path)) == 30
    assert discover(*arguments, "--check", root=tmp_path, env=env).returncode == 0
    assert discover("undo", "pi", root=tmp_path, env=env).returncode == 0
    assert path.read_text("utf-8") == before


def test_the_directory_is_that_of_pi(tmp_path: Path, example: Example) -> None:
    """PI_CODING_AGENT_DIR counts, and nothing appears in the usual place."""
    port, env = example
    elsewhere = tmp_path / "elsewhere"
    run = discover("--port", port, "--write", "pi", root=tmp_path, env={**env, "PI_CODING_AGENT_DIR": str(elsewhere)})
    assert run.returncode == 0, run.stderr
    assert len(models_of(elsewhere / "models.json")) == 30
    assert not (tmp_path / "home" / ".pi").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{\n  /* mine */\n  "providers": {}\n}\n', "line 2, column 3"),
        ('{\r  // mine\r  "providers": {}\r}\r', "line 2, column 3"),
        ('{ "providers": { "litellm": { "models": {} } } }', "providers.litellm.models"),
        ('{ "providers": [] }', "providers"),
        ('{ "providers": {,} }', "line 1"),
        ('{ "providers": { "litellm": { "baseUrl": "https://other.example.com/v1" } } }', "--url"),
    ],
)
def test_a_file_that_cannot_be_edited_is_left_alone(tmp_path: Path, example: Example, text: str, told: str) -> None:
    """Exit 1 with the cause, and the bytes as they were."""
    port, env = example
    path = models_json(tmp_path, text)
    run = discover("--port", port, "--write", "pi", root=tmp_path, env=env)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("error: pi: ")
    assert told in run.stderr
    assert path.read_bytes() == text.encode()


def test_one_target_that_fails_does_not_keep_another_from_being_written(tmp_path: Path, example: Example) -> None:
    """OpenCode gets its models, Pi's broken file is told, as text and in the envelope, and the status is 1."""
    port, env = example
    models_json(tmp_path, "{ broken")
    run = discover("--port", port, "--write", "all", "--json", root=tmp_path, env=env)
    document = run.json
    assert (run.returncode, document["status"], len(document["models"])) == (1, "partial", 30)
    (error,) = document["errors"]
    assert error["message"].startswith("pi: ")
    assert (tmp_path / "config" / "opencode" / "opencode.jsonc").exists()
    again = discover("--port", port, "--write", "all", "--check", root=tmp_path, env=env)
    assert again.returncode == 1
    assert "opencode: up to date" in again.stderr
    assert "error: pi: " in again.stderr


def test_what_is_wrong_in_the_rest_of_the_file_is_told(tmp_path: Path, example: Example) -> None:
    """Pi rejects a file for one bad value of the person's: ours are added all the same, and the place is named."""
    port, env = example
    canary = "sk-canary-1234567890"
    theirs: dict[str, Any] = {
        "baseUrl": "http://x/v1",
        "apiKey": canary,
        "models": [{"id": "m", "contextWindow": canary}],
    }
    path = models_json(tmp_path, json.dumps({"providers": {"theirs": theirs}}))
    run = discover("--port", port, "--write", "pi", root=tmp_path, env=env)
    assert run.returncode == 0
    assert "Pi rejects" in run.stderr
    assert "providers.theirs.models.0.contextWindow" in run.stderr
    assert canary not in run.stdout + run.stderr
    assert len(models_of(path)) == 30


def test_many_models_are_remarked_upon(tmp_path: Path) -> None:
    """Pi's start suffers, so the remedy is named; with fewer nothing is said."""
    ids = [f"m-{n}" for n in range(501)]
    with proxy(ids, [described(model_id, mode="chat") for model_id in ids]) as (port, _):
        arguments = ("--port", str(port), "--write", "pi")
        said = discover(*arguments, root=tmp_path).stderr
        assert "--include and --exclude" in said
        assert "litellm-discover shim install pi" in said
        assert "--include" not in discover(*arguments, "--exclude", "m-500", root=tmp_path).stderr
    assert len(models_of(models_json(tmp_path))) == 500


def test_a_key_that_only_opencode_has_is_explained(tmp_path: Path, example: Example) -> None:
    """Pi cannot use OpenCode's store: the models are written, and what to do is said."""
    port, env = example
    stored = tmp_path / "data" / "opencode" / "auth.json"
    stored.parent.mkdir(parents=True)
    stored.write_text(json.dumps({"litellm": {"type": "api", "key": env["LITELLM_API_KEY"]}}))
    run = discover("--port", port, "--write", "pi", root=tmp_path, env={"PATH": env["PATH"]})
    assert run.returncode == 0, run.stderr
    assert "export LITELLM_API_KEY" in run.stderr
    assert env["LITELLM_API_KEY"] not in models_json(tmp_path).read_text("utf-8") + run.stderr
