"""Starts the local stack of examples/litellm-local as its user does: the script, offline, with the real LiteLLM."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from litellm_proxy import START_LIMIT_S, free_port
from loopback import homes

if TYPE_CHECKING:
    from types import TracebackType

FOLDER = Path(__file__).parents[2] / "examples" / "litellm-local"

# What a person might have in the environment; nothing of it may reach anybody.
CANARY = "sk-canary-0123456789"
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "OPENCODE_GO_API_KEY")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the proxy; the names of the headers are in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def route(self) -> tuple[str, float, str]:
        """What a router decided: tier, score, and the model behind."""
        prefix = "x-litellm-complexity-router"
        score = round(float(self.headers[f"{prefix}-score"]), 3)
        return self.headers[f"{prefix}-tier"], score, self.headers["x-litellm-model-name"]


class LocalStack:
    """The script in front of `litellm`; a context manager. Entering waits until it says that it is ready."""

    def __init__(self, litellm: Path, folder: Path) -> None:
        self._litellm = litellm
        self._folder = folder
        self._record = folder / "record.jsonl"
        self._log = folder / "stack.log"
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None
        self.exported: dict[str, str] = {}

    def __enter__(self) -> Self:
        command: list[str | Path] = [sys.executable, FOLDER / "run_local.py", "--offline", "--port", str(self.port)]
        command += ["--litellm", self._litellm, "--record", self._record]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=homes(self._folder) | dict.fromkeys(_KEYS, CANARY),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        # The script has a limit of its own for how long LiteLLM may take, and ends with it.
        line = self.process.stdout.readline() if self.process.stdout else ""
        self.exported = dict(re.findall(r"(LITELLM_\w+)=(\S+)", line))
        if not self.exported:
            self.end()
            raise RuntimeError(f"the stack did not start. The end of its log:\n{self.log[-4000:]}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def end(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal, and give its status."""
        assert self.process is not None
        self.process.send_signal(number)
        try:
            return self.process.wait(START_LIMIT_S)
        finally:
            self.process.kill()
            if self.process.stdout:
                self.process.stdout.close()

    def recorded(self) -> list[Any]:
        """What the providers were asked so far."""
        lines = self._record.read_text(encoding="utf-8").splitlines() if self._record.exists() else []
        return [json.loads(line) for line in lines]

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Answer:
        """One request with the key that the script gave out."""
        headers = {"authorization": f"Bearer {self.exported['LITELLM_API_KEY']}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data, headers)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
                return Answer(answer.status, _lowered(answer.headers.items()), answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _lowered(error.headers.items()), error.read().decode())

    def chat(self, model: str, *messages: str, system: str | None = None, stream: bool = False) -> Answer:
        """A chat; the messages are the user's and the assistant's in turn."""
        turns = [{"role": ("user", "assistant")[number % 2], "content": text} for number, text in enumerate(messages)]
        first = [{"role": "system", "content": system}] if system else []
        return self.ask("/v1/chat/completions", {"model": model, "messages": first + turns, "stream": stream})


def _lowered(items: list[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in items}


def process_group(leader: int) -> list[int]:
    """The processes that are left of a group."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True, check=True, timeout=30)
    rows = (line.split() for line in listed.stdout.splitlines())
    return [int(pid) for pid, group in rows if int(group) == leader]


def children(parent: int) -> list[int]:
    """The processes that a process has started and that still run."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True, timeout=30)
    rows = (line.split() for line in listed.stdout.splitlines())
    return [int(pid) for pid, started_by in rows if int(started_by) == parent]


def wait_for_nobody(group: int, limit_s: float = 10.0) -> list[int]:
    """Those that are left of a group when the limit is reached; normally none, at once."""
    deadline = time.monotonic() + limit_s
    while (left := process_group(group)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left
