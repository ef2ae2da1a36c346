"""The extension for each supported Pi: installed by hand as `shim install` does it, with the real LiteLLM behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
import upstream as answers
from forwarder import Forwarder
from pi import Models, Table
from tool import PROGRAM, discover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from litellm_proxy import Proxy
    from pi import Pi

pytestmark = pytest.mark.real

SHIM = Path(__file__).parents[2] / "plugin_shim" / "pi" / "litellm-discover.js"
LINE = 'const COMMAND = ["litellm-discover"];\n'

# Wide, because the machine may be busy; without the extension's own limit it would be for ever.
LIMIT_S = 20.0

# Stands in for the command: notes its process and its arguments, and hangs unless it is a refresh.
COMMAND = """
import os, signal, sys, time
folder, *words = sys.argv[1:]
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(f"{folder}/calls", "a") as calls:
    calls.write(f"{os.getpid()} {' '.join(words)}\\n")
if words[0] != "refresh":
    time.sleep(60)
"""


class Installed:
    """The extension in a person's Pi, in the folder where Pi finds it by itself."""

    def __init__(self, pi: Pi, command: Sequence[str] = ()) -> None:
        self.pi = pi
        script = pi.root / "command.py"
        script.write_text(COMMAND, encoding="utf-8")
        words = json.dumps([*command] or [sys.executable, "-I", "-S", str(script), str(pi.root)])
        text = SHIM.read_text(encoding="utf-8")
        assert text.count(LINE) == 1, "the line that the installer replaces"
        extension = pi.agent / "extensions" / SHIM.name
        extension.parent.mkdir()
        extension.write_text(text.replace(LINE, f"const COMMAND = {words};\n"), encoding="utf-8")
        self._snapshot = pi.root / "cache" / "litellm-discover" / "litellm" / "pi.json"

    def write_snapshot(self, content: dict[str, Any]) -> None:
        """Replace the snapshot in one step, as it is done."""
        self._snapshot.parent.mkdir(parents=True, exist_ok=True)
        new = self._snapshot.with_suffix(".new")
        new.write_text(json.dumps(content), encoding="utf-8")
        new.replace(self._snapshot)

    def table(self, env: dict[str, str]) -> Table:
        """What `--list-models` shows, once it is certain that nothing else was printed."""
        done = self.pi._call("--list-models", *self._plain(), env=env)
        text = done.stdout + done.stderr
        assert done.returncode == 0, text
        table = Table(text, "")
        assert len(text.splitlines()) == len(table.ids()) + 1, text
        return table

    def turn(self, model: str, env: dict[str, str]) -> tuple[str, str, int]:
        """What the model said, what was complained about, and how it ended."""
        arguments = ("--no-session", *self._plain(), "--no-tools", "--model", model)
        done = self.pi._call(*arguments, "-p", "hi", env=env)
        return done.stdout.strip(), done.stderr, done.returncode

    @contextmanager
    def running(self, env: dict[str, str]) -> Iterator[Callable[[], Models]]:
        """A Pi that keeps running; it is asked for its models by a call. It ends with its input, and says nothing."""
        process = subprocess.Popen(
            [*self.pi._command, "--mode", "rpc", "--no-session", *self._plain()],
            cwd=self.pi.project,
            env={**self.pi._environment(), **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            yield lambda: _ask(process.stdin, process.stdout)
            rest, errors = process.communicate(timeout=LIMIT_S)
            assert (process.returncode, rest, errors) == (0, "", "")
        finally:
            process.kill()
            process.communicate()

    def calls(self, *, expected: int = 0) -> list[str]:
        """The arguments of each call; a detached one is given time to say so."""
        deadline = time.monotonic() + 10
        while len(self._calls()) < expected and time.monotonic() < deadline:
            time.sleep(0.05)
        return [line.split(" ", 1)[1] for line in self._calls()]

    def end_commands(self) -> list[int]:
        """End the calls that are still there; says which."""
        left = [pid for pid in (int(line.split()[0]) for line in self._calls()) if _is_alive(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left

    def _calls(self) -> list[str]:
        path = self.pi.root / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def _plain(self) -> list[str]:
        return [option for option in self.pi._plain() if option != "--no-extensions"]


def _ask(stdin: IO[str] | None, stdout: IO[str] | None) -> Models:
    assert stdin is not None
    assert stdout is not None
    stdin.write(json.dumps({"id": "1", "type": "get_available_models"}) + "\n")
    stdin.flush()
    for line in stdout:
        answer = json.loads(line)
        if answer.get("id") == "1":
            return Models(tuple(answer["data"]["models"]), "")
    pytest.fail("Pi ended without an answer")


def _is_alive(pid: int) -> bool:
    # One that ended and that nobody waited for is still listed, as Z.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


@pytest.fixture
def keyed(keyed_proxy: Proxy) -> Iterator[Forwarder]:
    """The proxy with a master key, behind a recorder."""
    with Forwarder(keyed_proxy.port) as forwarder:
        yield forwarder


@pytest.fixture
def env(keyed_proxy: Proxy, pi: Pi) -> dict[str, str]:
    """The proxy's key, and this Pi on the PATH."""
    return {"LITELLM_API_KEY": str(keyed_proxy.key), **pi.path}


@pytest.fixture
def envelope(keyed: Forwarder, env: dict[str, str], pi: Pi) -> dict[str, Any]:
    """What the command says about the proxy to this version of Pi, made now."""
    # In another home, so that it leaves nothing behind for the extension.
    root = pi.root / "elsewhere"
    root.mkdir()
    run = discover("--port", str(keyed.port), "--json", "--for", "pi", root=root, env=env)
    assert run.returncode == 0, run.stderr
    keyed.clear()
    content: dict[str, Any] = run.json
    return content | {"generatedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_every_model_is_there_and_answers_on_its_route(
    pi: Pi, keyed: Forwarder, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """All 30 without an entry in a file and without a process; a turn on each of the two routes, with the key."""
    installed = Installed(pi)
    installed.write_snapshot(envelope)
    assert len(installed.table(env).ids()) == 30
    for model, path, text in (
        ("mistral-small-4", "POST /v1/chat/completions", answers.CHAT_TEXT),
        ("gpt-5.5", "POST /v1/responses", answers.RESPONSES_TEXT),
    ):
        keyed.clear()
        assert installed.turn(f"litellm/{model}", env) == (text, "", 0)
        assert set(keyed.paths()) == {path}
        assert f"Bearer {env['LITELLM_API_KEY']}" in keyed.text()
    assert not pi.models_path.exists()
    assert installed.calls() == []


def test_what_is_registered_is_what_would_be_written(
    pi: Pi, keyed: Forwarder, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """Pi has the same of each model as with the static entries, field by field."""
    installed = Installed(pi)
    installed.write_snapshot(envelope)
    with installed.running(env) as ask:
        registered = ask().models
    run = discover("--port", str(keyed.port), "--write", "pi", root=pi.root, env=env)
    assert run.returncode == 0, run.stderr
    written = pi.models(env=env).models
    assert len(written) == 30
    assert {model["id"]: model for model in registered} == {model["id"]: model for model in written}


CURATED = """\
{
  // my own providers
  "providers": {
    "ollama": {
      "baseUrl": "http://127.0.0.1:11434/v1", "api": "openai-completions", "apiKey": "ollama",
      "models": [{ "id": "qwen3:8b" }], // small
    },
    "litellm": {
      "baseUrl": "http://127.0.0.1:PORT/v1", "api": "openai-completions", "apiKey": "KEY",
      "headers": { "x-team": "curated" },
      "models": [
        { "id": "claude-opus-4-8", "name": "The big one" }, // mine
        { "id": "my-alias" },
      ],
      "modelOverrides": {
        "gpt-5.5": { "name": "Overridden" }, // of mine, too
      },
    },
  },
}
"""


def test_the_persons_own_models_stay_as_they_are(
    pi: Pi, keyed: Forwarder, keyed_proxy: Proxy, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """Pi would drop them for what an extension registers; their headers and their key go with all models."""
    pi.write_models(CURATED.replace("PORT", str(keyed.port)).replace("KEY", str(keyed_proxy.key)))
    alone = pi.models(env={})
    installed = Installed(pi)
    installed.write_snapshot(envelope)
    with installed.running({}) as ask:
        listed = ask()
    assert listed.ids("ollama") == ["qwen3:8b"]
    assert listed.ids()[:2] == ["claude-opus-4-8", "my-alias"]
    assert len(listed.ids()) == 31
    for model in ("claude-opus-4-8", "my-alias"):
        assert listed.model(model) == alone.model(model)
    # 0.74 applies overrides to its own models only; the others to whatever has the id.
    assert listed.model("gpt-5.5")["name"] == ("GPT-5.5" if pi.line == "0.74" else "Overridden")
    assert installed.turn("litellm/mistral-small-4", {}) == (answers.CHAT_TEXT, "", 0)
    assert "x-team: curated" in keyed.text().lower()


def test_a_change_of_the_snapshot_arrives_in_a_pi_that_runs(
    pi: Pi, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """A new model comes and a removed one goes without a restart, in every version; Pi ends as before."""
    installed = Installed(pi)
    installed.write_snapshot(envelope)
    models = envelope["targets"]["pi"]["providers"]["litellm"]["models"]
    with installed.running(env) as ask:
        assert len(ask().ids()) == 30
        removed = models.pop(0)
        models.append(models[0] | {"id": "brand-new", "name": "Brand New"})
        installed.write_snapshot(envelope)
        deadline = time.monotonic() + LIMIT_S
        while "brand-new" not in (listed := ask()).ids() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert listed.model("brand-new")["name"] == "Brand New"
        assert removed["id"] not in listed.ids()
        assert len(listed.ids()) == 30


def test_an_old_snapshot_is_used_and_one_refresh_is_started(
    pi: Pi, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """What is there is shown at once."""
    installed = Installed(pi)
    installed.write_snapshot(envelope | {"status": "stale"})
    assert len(installed.table(env).ids()) == 30
    assert installed.calls(expected=1) == ["refresh"]


def test_without_a_snapshot_the_real_command_is_asked(pi: Pi, keyed: Forwarder, env: dict[str, str]) -> None:
    """The first start of all: the models are there."""
    installed = Installed(pi, [str(PROGRAM), "--port", str(keyed.port)])
    assert len(installed.table(env).ids()) == 30
    assert keyed.paths().count("GET /v1/models") == 1


def test_a_hanging_command_does_not_keep_pi_from_starting(pi: Pi, env: dict[str, str]) -> None:
    """Without a snapshot the command is asked once and ended; the person's own models are there."""
    pi.write_models(CURATED.replace("PORT", "9").replace("KEY", "k"))
    installed = Installed(pi)
    started = time.monotonic()
    done = pi._call("--list-models", *installed._plain(), env=env)
    took = time.monotonic() - started
    left = installed.end_commands()
    assert Table(done.stdout + done.stderr, "").ids() == ["claude-opus-4-8", "my-alias"]
    assert (done.returncode, left) == (0, [])
    assert installed.calls() == ["--json --for pi --timeout 4.5"]
    assert took < LIMIT_S


def test_a_broken_snapshot_and_no_command_leave_pi_as_it_is(pi: Pi, env: dict[str, str]) -> None:
    """It prints what it prints without us."""
    before = pi._call("--list-models", *pi._plain(), env=env)
    installed = Installed(pi, ["/nowhere/litellm-discover"])
    installed.write_snapshot({"schemaVersion": 2})
    after = pi._call("--list-models", *installed._plain(), env=env)
    assert (after.returncode, after.stdout, after.stderr) == (0, before.stdout, before.stderr)


def test_a_provider_that_pi_refuses_gets_no_message_of_ours(
    pi: Pi, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """From 0.87 on it cannot be registered over; Pi says why by itself, and we say nothing more."""
    pi.write_models('{"providers": {"litellm": {"models": [{"id": "mine", "api": "openai-completions"}]}}}')
    before = pi._call("--list-models", *pi._plain(), env=env)
    installed = Installed(pi)
    installed.write_snapshot(envelope)
    after = pi._call("--list-models", *installed._plain(), env=env)
    assert '"baseUrl" is required' in before.stderr
    assert (after.returncode, after.stdout, after.stderr) == (0, before.stdout, before.stderr)
