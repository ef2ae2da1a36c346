"""Starts a real LiteLLM proxy for tests: its own home, nothing inherited, only loopback."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

MASTER_KEY = "sk-test-master-0123456789abcdef"
START_LIMIT_S = 120.0
STOP_LIMIT_S = 10.0

SEED_004 = Path(__file__).with_name("seed004.yaml")
BACKENDS = Path(__file__).with_name("backends.yaml")
CACHING = Path(__file__).with_name("caching.yaml")

# LiteLLM knows no such provider by itself. The address in it is not used: every model names its own.
_CUSTOM_PROVIDERS = Path(__file__).parents[2] / "examples" / "litellm-local" / "providers.json"

_PROVIDER_KEYS = {
    f"{name}_API_KEY": f"sk-test-upstream-{name.lower().replace('_', '-')}"
    for name in ("OPENAI", "ANTHROPIC", "GEMINI", "MISTRAL", "OPENCODE_GO")
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that answers. `key` is None when it is open; `base_url` has no `/v1`."""

    port: int
    key: str | None
    log_path: Path

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def configuration(file: Path, upstream_url: str, *, keyed: bool) -> str:
    """The configuration of the user's stack or of the many backends, in front of the recording upstream."""
    template = Template(file.read_text(encoding="utf-8"))
    return template.substitute(upstream=upstream_url, keyed="" if keyed else "# ")


def add_custom_providers(litellm: Path) -> None:
    """Add the user's own provider to the list that ships with LiteLLM, if it is not there yet."""
    find = "import importlib.util as u; print(u.find_spec('litellm').origin)"
    command: list[str | Path] = [litellm.with_name("python"), "-I", "-c", find]
    origin = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    target = Path(origin).parent / "llms" / "openai_like" / "providers.json"
    shipped = json.loads(target.read_text(encoding="utf-8"))
    merged = shipped | json.loads(_CUSTOM_PROVIDERS.read_text(encoding="utf-8"))
    if merged == shipped:
        return
    # In one step: another test run may be starting the same LiteLLM now.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as new:
        json.dump(merged, new, indent=2)
    Path(new.name).chmod(target.stat().st_mode)
    Path(new.name).replace(target)


class LiteLLM:
    """One LiteLLM process; a context manager. Entering starts it, `ready` waits for it, leaving ends it.

    Starting and waiting are apart so that several can start at the same time.
    """

    def __init__(self, binary: Path, config: str, folder: Path, *, key: str | None) -> None:
        self._binary = binary
        self._key = key
        self._home = folder / "home"
        self._home.mkdir(parents=True)
        self._config = folder / "config.yaml"
        self._config.write_text(config, encoding="utf-8")
        self._log = folder / "litellm.log"
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def ready(self) -> Proxy:
        """The running proxy, as soon as it answers."""
        deadline = time.monotonic() + START_LIMIT_S
        retried = False
        while not self._answers():
            ended = self._process is None or self._process.poll() is not None
            if ended and not retried and "address already in use" in self._log_text():
                # Somebody took the port between choosing it and listening on it.
                retried = True
                self._start()
            elif ended or time.monotonic() > deadline:
                self._stop()
                reason = "ended" if ended else f"did not answer within {START_LIMIT_S:.0f} s"
                raise RuntimeError(f"LiteLLM {reason}. The end of its log:\n{self._log_text()[-4000:]}")
            time.sleep(0.1)
        return Proxy(self._port, self._key, self._log)

    def restart(self, config: str) -> None:
        """End it, and start it at the same port with another configuration; `ready` waits for it again."""
        self._stop()
        self._config.write_text(config, encoding="utf-8")
        self._start(self._port)

    def _start(self, port: int | None = None) -> None:
        self._port = port or free_port()
        command: list[str | Path] = [self._binary, "--config", self._config]
        command += ["--host", "127.0.0.1", "--port", str(self._port), "--telemetry", "False"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _environment(self) -> dict[str, str]:
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "TMPDIR": str(self._home),
            "PYTHONUNBUFFERED": "1",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_TELEMETRY": "False",
            "NO_PROXY": "127.0.0.1,localhost",
            **_PROVIDER_KEYS,
        }
        if self._key is None:
            environment["LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"] = "true"
        else:
            environment["LITELLM_MASTER_KEY"] = self._key
        return environment

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/health/liveliness")
            alive = b"I'm alive!" in connection.getresponse().read(100)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        # An answer counts only from a process of our own.
        return alive and self._process is not None and self._process.poll() is None

    def _log_text(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")


_given_out: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on and that was not given to another proxy of this run."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port not in _given_out:
            _given_out.add(port)
            return port
    raise RuntimeError("no free port")
