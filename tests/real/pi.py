"""Runs a real Pi for tests: its own home, nothing inherited, no network but loopback."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loopback import homes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LIMIT_S = 60.0

# The lines of Pi that `make tools` installs, oldest first; in `.tools/pi` each is the package `pi-<line>`.
VERSIONS = {"0.74": "0.74.2", "0.87": "0.87.1", "1.5": "1.5.2"}

_FILE_ERROR = "Warning: errors loading models.json:"
_WITH_MCP = "1.5"


@dataclass(frozen=True, slots=True)
class Models:
    """Pi's own picture of the models that can be used."""

    models: tuple[dict[str, Any], ...]
    stderr: str

    def ids(self, provider: str = "litellm") -> list[str]:
        """The ids of a provider, in Pi's order."""
        return [model["id"] for model in self.models if model["provider"] == provider]

    def model(self, model_id: str, provider: str = "litellm") -> dict[str, Any]:
        """The one model of this provider and id."""
        (found,) = (model for model in self.models if (model["provider"], model["id"]) == (provider, model_id))
        return found


@dataclass(frozen=True, slots=True)
class Table:
    """What `--list-models` shows. `error` says why Pi refused `models.json`; it is empty when it did not."""

    text: str
    error: str

    def ids(self, provider: str = "litellm") -> list[str]:
        """The ids of a provider, in the order of the table."""
        rows = [line.split() for line in self.text.splitlines()]
        return [row[1] for row in rows if row[:1] == [provider]]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: what the model said, what Pi complained about, and how it ended."""

    text: str
    stderr: str
    returncode: int


class Pi:
    """A user's Pi below `root`: `node` runs the program of the npm package in `package`."""

    def __init__(self, node: Path, package: Path, root: Path) -> None:
        description = json.loads((package / "package.json").read_text(encoding="utf-8"))
        program = package / description["bin"]["pi"]
        self._command = [node, program]
        self.line = package.name.removeprefix("pi-")
        self.root = root
        self.project = root / "project"
        self.agent = root / "home" / ".pi" / "agent"
        self.models_path = self.agent / "models.json"
        self.auth_path = self.agent / "auth.json"
        for folder in (self.project, self.agent, root / "tmp", root / "bin"):
            folder.mkdir(parents=True)
        # As npm puts it on the PATH, where litellm-discover looks for the version.
        (root / "bin" / "pi").symlink_to(program)
        self.path = {"PATH": f"{root / 'bin'}{os.pathsep}{os.defpath}"}

    def write_models(self, text: str) -> None:
        """Replace the user's `models.json`."""
        self.models_path.write_text(text, encoding="utf-8")

    def write_auth(self, keys: Mapping[str, str]) -> None:
        """Store a key per provider id, as `/login` does."""
        content = {provider: {"type": "api_key", "key": key} for provider, key in keys.items()}
        self.auth_path.write_text(json.dumps(content), encoding="utf-8")
        self.auth_path.chmod(0o600)

    def version(self) -> str:
        """What Pi says it is."""
        done = self._call("--version")
        return (done.stdout or done.stderr).strip()  # 0.74 prints everything on stderr

    def models(self, *, env: Mapping[str, str] | None = None) -> Models:
        """The usable models, asked for over RPC. A refused `models.json` is not mentioned: see `list_models`."""
        question = json.dumps({"id": "1", "type": "get_available_models"})
        done = self._call("--mode", "rpc", "--no-session", *self._plain(), env=env, stdin=f"{question}\n")
        answers = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        (answer,) = (answer for answer in answers if answer.get("id") == "1")
        return Models(tuple(answer["data"]["models"]), done.stderr)

    def list_models(self, *, extension: Path | None = None, env: Mapping[str, str] | None = None) -> Table:
        """The table of models. Pi ends with 0 even when it refuses the file."""
        loaded = ["--extension", str(extension)] if extension else []
        done = self._call("--list-models", *self._plain(), *loaded, env=env)
        _, warning, error = done.stderr.partition(_FILE_ERROR)
        return Table(done.stdout + done.stderr, error.partition("\n\n")[0].strip() if warning else "")

    def run(
        self,
        model: str | None,
        prompt: str,
        *,
        thinking: str | None = None,
        tools: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> Turn:
        """One turn with `model` (`provider/model`), or with the one that Pi starts with."""
        arguments = ["--no-session", *self._plain(), *(["--model", model] if model else [])]
        arguments += [] if tools else ["--no-tools"]
        arguments += ["--thinking", thinking] if thinking else []
        done = self._call(*arguments, "-p", prompt, env=env)
        return Turn(done.stdout.strip(), done.stderr, done.returncode)

    def _plain(self) -> list[str]:
        # Earlier versions end with an error when they are given an option that they do not know.
        return ["--no-extensions", *(["--no-mcp"] if self.line == _WITH_MCP else [])]

    def _call(
        self, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            cwd=self.project,
            env={**self._environment(), **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LIMIT_S,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        return {
            **homes(self.root),
            "PI_CODING_AGENT_DIR": str(self.agent),
            "PI_OFFLINE": "1",
            "PI_TELEMETRY": "0",
            "PI_SKIP_VERSION_CHECK": "1",
            "NO_COLOR": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "TERM": "dumb",
            "TMPDIR": str(self.root / "tmp"),
        }
