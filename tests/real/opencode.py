"""Runs the real OpenCode for tests: its own home, nothing inherited, no network but loopback."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loopback import homes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIMIT_S = 90.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one call of OpenCode printed and how it ended."""

    stdout: str
    stderr: str
    returncode: int


@dataclass(frozen=True, slots=True)
class Turn(Result):
    """A conversation turn, with the events that OpenCode printed as JSON lines."""

    events: tuple[dict[str, Any], ...]

    @property
    def text(self) -> str:
        """Everything the model said."""
        return "".join(event["part"]["text"] for event in self.events if event["type"] == "text")

    @property
    def errors(self) -> tuple[dict[str, Any], ...]:
        """The errors that OpenCode reported to its user."""
        return tuple(event["error"] for event in self.events if event["type"] == "error")


class OpenCode:
    """A user's OpenCode installation below `root`."""

    def __init__(self, binary: Path, root: Path) -> None:
        self._binary = binary
        self.root = root
        self.project = root / "project"
        self.config_path = root / "config" / "opencode" / "opencode.json"
        self.auth_path = root / "data" / "opencode" / "auth.json"
        folders = (
            "home",
            "cache",
            "state",
            "tmp",
            "project",
            "data/opencode",
            "config/opencode/node_modules",
        )
        for folder in folders:
            (root / folder).mkdir(parents=True)
        # With these in place OpenCode does not install its plugin library from the network.
        lock = {"packages": {"": {"dependencies": {"@opencode-ai/plugin": "0"}}}}
        (self.config_path.parent / "package-lock.json").write_text(json.dumps(lock), encoding="utf-8")

    def write_config(self, config: Mapping[str, object]) -> None:
        """Replace the user's global configuration."""
        content = {"$schema": "https://opencode.ai/config.json", **config}
        self.config_path.write_text(json.dumps(content, indent=2), encoding="utf-8")

    def write_auth(self, keys: Mapping[str, str]) -> None:
        """Store a key per provider id, as `opencode auth login` does."""
        content = {provider: {"type": "api", "key": key} for provider, key in keys.items()}
        self.auth_path.write_text(json.dumps(content), encoding="utf-8")
        self.auth_path.chmod(0o600)

    def models(
        self, provider: str | None = None, *, verbose: bool = False, env: Mapping[str, str] | None = None
    ) -> Result:
        """List the models, one `provider/model` a line; verbose adds a JSON object after each."""
        arguments = [*([provider] if provider else []), *(["--verbose"] if verbose else [])]
        return self._call("models", *arguments, env=env)

    def run(self, model: str, prompt: str, *, env: Mapping[str, str] | None = None) -> Turn:
        """One turn with `model` (`provider/model`)."""
        # With a title given, OpenCode asks no model for one.
        return self._turn("--title", "t", "-m", model, prompt, env=env)

    def start(self, prompt: str, *, env: Mapping[str, str] | None = None) -> Turn:
        """One turn with the model that OpenCode starts with, and its title from the small model."""
        return self._turn(prompt, env=env)

    def _turn(self, *arguments: str, env: Mapping[str, str] | None) -> Turn:
        result = self._call("run", "--format", "json", *arguments, env=env)
        lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
        events = tuple(json.loads(line) for line in lines)
        return Turn(result.stdout, result.stderr, result.returncode, events)

    def debug_config(self, *, env: Mapping[str, str] | None = None) -> Result:
        """Print the merged configuration; keys are masked."""
        return self._call("debug", "config", env=env)

    def _call(self, *arguments: str, env: Mapping[str, str] | None) -> Result:
        done = subprocess.run(
            [self._binary, *arguments],
            cwd=self.project,
            env={**self._environment(), **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )
        return Result(done.stdout, done.stderr, done.returncode)

    def _environment(self) -> dict[str, str]:
        return {
            **homes(self.root),
            "TERM": "dumb",
            "TMPDIR": str(self.root / "tmp"),
            "NO_PROXY": "127.0.0.1,localhost",
            "OPENCODE_DISABLE_MODELS_FETCH": "1",
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
            "OPENCODE_DISABLE_SHARE": "1",
            "OPENCODE_TEST_MANAGED_CONFIG_DIR": str(self.root / "none"),
        }
