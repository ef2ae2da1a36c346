"""The plugin for the real OpenCode 1: installed by hand as `shim install` does it, with the real LiteLLM behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

SHIM = Path(__file__).parents[2] / "plugin_shim" / "opencode" / "litellm-discover.js"
LINE = 'const COMMAND = ["litellm-discover"];\n'
CANARY = "sk-test-canary-of-another-provider"
RESPONSES_MODELS = {"gpt-5.4", "gpt-5.4-mini", "gpt-5.5"}

# Wide, because the machine may be busy; without the plugin's own limit it would be for ever.
HANGING_LIMIT_S = 20

# Stands in for the command: notes its process and its arguments, then does what is asked of it.
COMMAND = """
import os, pathlib, signal, sys, time
does, folder, *words = sys.argv[1:]
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with open(f"{folder}/calls", "a") as calls:
    calls.write(f"{os.getpid()} {' '.join(words)}\\n")
if does == "hang":
    time.sleep(60)
elif words[0] != "refresh":
    sys.stdout.write(pathlib.Path(folder, "answer").read_text())
"""


def _is_alive(pid: int) -> bool:
    # One that ended and that nobody waited for is still listed, as Z.
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.strip().startswith("Z")


class Installed:
    """The plugin in a person's OpenCode, with a stand-in for the command that it calls."""

    def __init__(self, opencode: OpenCode, does: str = "answer") -> None:
        self.opencode = opencode
        self._folder = opencode.root
        script = self._folder / "command.py"
        script.write_text(COMMAND, encoding="utf-8")
        command = json.dumps([sys.executable, "-I", "-S", str(script), does, str(self._folder)])
        text = SHIM.read_text(encoding="utf-8")
        assert text.count(LINE) == 1, "the line that the installer replaces"
        plugin = opencode.config_path.parent / "plugins" / SHIM.name
        plugin.parent.mkdir()
        plugin.write_text(text.replace(LINE, f"const COMMAND = {command};\n"), encoding="utf-8")

    def write_snapshot(self, content: dict[str, Any]) -> None:
        """Put a snapshot where the plugin looks for it."""
        path = self._folder / "cache" / "litellm-discover" / "litellm" / "opencode.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    def write_answer(self, content: dict[str, Any]) -> None:
        """What the command prints."""
        (self._folder / "answer").write_text(json.dumps(content), encoding="utf-8")

    def calls(self, *, expected: int = 0) -> list[str]:
        """The arguments of each call; a detached one is given time to say so."""
        path = self._folder / "calls"
        deadline = time.monotonic() + 10
        while True:
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            if len(lines) >= expected or time.monotonic() > deadline:
                return [line.split(" ", 1)[1] for line in lines]
            time.sleep(0.05)

    def end_commands(self) -> list[int]:
        """End the calls that are still there; says which."""
        path = self._folder / "calls"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        left = [pid for pid in (int(line.split()[0]) for line in lines) if _is_alive(pid)]
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left

    def listed(self, env: dict[str, str]) -> list[str]:
        """Our two providers' models, as `provider/model`."""
        result = self.opencode.models(env=env)
        assert (result.returncode, result.stderr) == (0, "")
        return [line for line in result.stdout.split() if line.startswith(("litellm/", "litellm-responses/"))]

    def log(self) -> list[str]:
        """Our lines in OpenCode's log."""
        files = sorted((self._folder / "data" / "opencode" / "log").glob("*.log"))
        lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if "litellm-discover: " in line]

    def assert_nothing_was_installed(self) -> None:
        """OpenCode made no npm install for its plugin library, nor wanted to."""
        config = self.opencode.config_path.parent
        assert list((config / "node_modules").iterdir()) == []
        assert not (config / "package.json").exists()
        assert not list((self._folder / "state").rglob("*.lock"))
        assert not list((self._folder / "home").rglob("_cacache"))


@pytest.fixture
def keyed(keyed_proxy: Proxy) -> Iterator[Forwarder]:
    """The proxy with a master key, behind a recorder."""
    with Forwarder(keyed_proxy.port) as forwarder:
        yield forwarder


@pytest.fixture
def env(keyed_proxy: Proxy) -> dict[str, str]:
    """The proxy's key, and another that must stay at home."""
    return {"LITELLM_API_KEY": str(keyed_proxy.key), "OPENAI_API_KEY": CANARY}


@pytest.fixture
def envelope(keyed: Forwarder, env: dict[str, str], tmp_path: Path) -> dict[str, Any]:
    """What the command says about the proxy, made now."""
    run = discover("--port", str(keyed.port), "--json", "--for", "opencode", root=tmp_path, env=env)
    assert run.returncode == 0, run.stderr
    keyed.clear()
    content: dict[str, Any] = run.json
    return content | {"generatedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def test_every_model_of_the_snapshot_is_in_the_picker_beside_the_persons_own(
    opencode: OpenCode, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """All 30 once over both providers, the person's two as they are, no process, no install, a line in the log."""
    own: dict[str, Any] = {"gpt-5.5": {"name": "Mine"}, "my-alias": {"name": "Alias"}}
    opencode.write_config({"provider": {"litellm": {"models": own}}})
    installed = Installed(opencode)
    installed.write_snapshot(envelope)
    listed = installed.listed(env)
    ids = [line.split("/", 1)[1] for line in listed]
    assert len(ids) == len(set(ids)) == 31
    assert {line for line in listed if line.startswith("litellm-responses/")} == {
        f"litellm-responses/{model}" for model in RESPONSES_MODELS - {"gpt-5.5"}
    }
    assert {"litellm/gpt-5.5", "litellm/my-alias"} <= set(listed)
    shown = opencode.models("litellm", verbose=True, env=env).stdout
    assert {'"name": "Mine"', '"name": "Alias"', '"name": "Claude Sonnet 4.6"'} <= {
        line.strip().rstrip(",") for line in shown.splitlines()
    }
    assert installed.calls() == []
    installed.assert_nothing_was_installed()


def test_turns_take_the_route_of_their_model_and_no_other_key(
    opencode: OpenCode, keyed: Forwarder, envelope: dict[str, Any], env: dict[str, str], upstream: Upstream
) -> None:
    """A model of either provider answers, with the proxy's key; where there is none, no other takes its place."""
    installed = Installed(opencode)
    installed.write_snapshot(envelope)
    for model, path, text in (
        ("litellm/mistral-small-4", "POST /v1/chat/completions", answers.CHAT_TEXT),
        ("litellm-responses/gpt-5.5", "POST /v1/responses", answers.RESPONSES_TEXT),
    ):
        keyed.clear()
        turn = opencode.run(model, "hi", env=env)
        assert (turn.returncode, turn.text, turn.errors) == (0, text, ())
        assert set(keyed.paths()) == {path}
        assert f"Bearer {env['LITELLM_API_KEY']}" in keyed.text()
    without = opencode.run("litellm-responses/gpt-5.5", "hi", env={"OPENAI_API_KEY": CANARY})
    assert without.errors
    assert CANARY not in keyed.text()
    assert not upstream.seen(CANARY)
    lines = installed.log()
    assert lines
    assert all("litellm-discover: added 30 models from a snapshot aged " in line for line in lines)
    assert not [line for line in lines if env["LITELLM_API_KEY"] in line]


def test_an_old_snapshot_is_used_and_one_refresh_is_started(
    opencode: OpenCode, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """What is there is shown at once; the refresh is for the next start."""
    installed = Installed(opencode)
    installed.write_snapshot(envelope | {"status": "stale"})
    assert len(installed.listed(env)) == 30
    assert installed.calls(expected=1) == ["refresh"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_in_place_of_the_snapshot_is_a_cold_start(
    opencode: OpenCode, envelope: dict[str, Any], env: dict[str, str]
) -> None:
    """It is not waited for; the command is asked once, and what it says is added."""
    installed = Installed(opencode)
    installed.write_answer(envelope)
    path = opencode.root / "cache" / "litellm-discover" / "litellm" / "opencode.json"
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert len(installed.listed(env)) == 30
    assert installed.calls() == ["--json --for opencode --timeout 4.5"]


def test_a_hanging_command_does_not_keep_opencode_from_starting(opencode: OpenCode, env: dict[str, str]) -> None:
    """Without a snapshot the command is asked once and ended; the person's own models are there."""
    opencode.write_config({"provider": {"litellm": {"options": {"baseURL": "http://x"}, "models": {"mine": {}}}}})
    installed = Installed(opencode, does="hang")
    started = time.monotonic()
    listed = installed.listed(env)
    took = time.monotonic() - started
    left = installed.end_commands()
    assert listed == ["litellm/mine"]
    assert installed.calls() == ["--json --for opencode --timeout 4.5"]
    assert left == []
    assert took < HANGING_LIMIT_S
    installed.assert_nothing_was_installed()


def test_a_broken_snapshot_and_no_command_leave_opencode_as_it_is(opencode: OpenCode, env: dict[str, str]) -> None:
    """It starts with the models that it has without us."""
    before = opencode.models(env=env)
    installed = Installed(opencode)
    plugin = opencode.config_path.parent / "plugins" / SHIM.name
    plugin.write_text(SHIM.read_text(encoding="utf-8").replace(LINE, 'const COMMAND = ["/nowhere/x"];\n'))
    installed.write_snapshot({"schemaVersion": 2})
    after = opencode.models(env=env)
    assert (after.returncode, after.stdout, after.stderr) == (0, before.stdout, "")
