#!/usr/bin/env python3
"""Runs the stack without containers: LiteLLM alone on 127.0.0.1, without a database, with the cache in memory.

With --offline every provider is a small server on this machine, and no account and no key of yours is needed or used.
As soon as LiteLLM answers, one line goes to standard output, to be run by a shell in another terminal: it exports the
address and the key. LiteLLM's own words go to standard error. Ctrl-C ends all of it. Needs Python 3.11 to 3.14.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NoReturn

from offline_providers import FAKE_KEY, OfflineProviders
from start_litellm import ProvidersError, add_providers

HERE = Path(__file__).resolve().parent
LOCK = HERE.parents[1] / "requirements" / "litellm.txt"
ENVIRONMENT = HERE / ".venv"

START_LIMIT_S = 180.0
STOP_LIMIT_S = 8.0

# Where LiteLLM looks for the address of each provider, and what it puts behind that by itself.
_ADDRESSES = {
    "OPENAI_BASE_URL": "/v1",
    "ANTHROPIC_BASE_URL": "",
    "GEMINI_API_BASE": "/v1beta",
    "MISTRAL_AZURE_API_BASE": "/v1",  # not MISTRAL_API_BASE, which chats do not look at
    "OPENCODE_GO_API_BASE": "/zen/go/v1",
}
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "OPENCODE_GO_API_KEY")
# All that an offline LiteLLM gets of the person's environment: no key, no address, no home.
_HARMLESS = ("PATH", "LANG", "LC_ALL")


def fail(message: str) -> NoReturn:
    """End with a reason and the next step."""
    sys.exit(f"run_local: {message}")


def main() -> None:
    """Start everything, say so, and wait for the end."""
    arguments = _arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    _check_port(arguments.port)
    litellm = arguments.litellm or _installed()
    try:
        add_providers(litellm)
    except ProvidersError as error:
        fail(str(error))
    with ExitStack() as stack:
        # LiteLLM runs there and not here, where it would read an .env with real keys.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="litellm-local-")))
        environment = _real_environment()
        if arguments.offline:
            providers = stack.enter_context(OfflineProviders(arguments.record))
            environment = _offline_environment(providers.base_url, folder)
        yours = os.environ.get("LITELLM_MASTER_KEY")
        key = environment["LITELLM_MASTER_KEY"] = yours or f"sk-local-{secrets.token_hex(16)}"
        process = _start(litellm, arguments.port, environment, folder)
        stack.callback(_stop, process)
        _wait_until_ready(process, arguments.port)
        # A key of yours is not shown; the other terminal has to know it, too.
        shown = '"$LITELLM_MASTER_KEY"' if yours else key
        address = f"http://127.0.0.1:{arguments.port}"
        print(f"export LITELLM_DISCOVER_URL={address} LITELLM_API_KEY={shown}", flush=True)
        process.wait()
        fail(f"LiteLLM ended by itself, with status {process.returncode}; its last words are above")


def _arguments() -> argparse.Namespace:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="run_local", description=__doc__, formatter_class=formatter)
    parser.add_argument("--offline", action="store_true", help="stand in for every provider; needs no key")
    parser.add_argument("--port", type=int, default=4000, help="port on 127.0.0.1 (default: %(default)s)")
    parser.add_argument("--litellm", type=Path, metavar="PROGRAM", help="a litellm to run, instead of installing one")
    parser.add_argument("--record", type=Path, metavar="FILE", help="with --offline: record what providers get")
    arguments = parser.parse_args()
    if arguments.record and not arguments.offline:
        parser.error("--record needs --offline")
    return arguments


def _leave(_number: int, _frame: object) -> NoReturn:
    # Once is enough: a second signal must not keep LiteLLM from being ended.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            fail(f"port {port} cannot be used: {error.strerror}; choose another with --port")


def _installed() -> Path:
    """The litellm of the environment beside this script, made anew when the lock has changed."""
    if not LOCK.is_file():
        fail(f"{LOCK} is not there: run this from a clone of the repository, or name a program with --litellm")
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = ENVIRONMENT / "installed"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        _install()
        stamp.write_text(wanted, encoding="utf-8")
    return ENVIRONMENT / "bin" / "litellm"


def _install() -> None:
    if not (3, 11) <= sys.version_info < (3, 15):
        fail("LiteLLM needs Python 3.11 to 3.14; run this script with one of them")
    print(f"run_local: installing LiteLLM into {ENVIRONMENT} (about 700 MB) …", file=sys.stderr)
    uv, python = shutil.which("uv"), ENVIRONMENT / "bin" / "python3"
    make: list[str | Path] = [sys.executable, "-m", "venv", "--clear"]
    pip: list[str | Path] = [python, "-m", "pip", "install"]
    if uv:
        make, pip = [uv, "venv", "--clear", "--python", sys.executable], [uv, "pip", "install", "--python", python]
    # A lock names everything. Left to work it out, pip 23.2 refuses it once there is a pydantic newer than the locked.
    locked: list[str | Path] = ["--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", LOCK]
    for command in ([*make, ENVIRONMENT], [*pip, *locked]):
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode:
            fail("the installation failed; the reason is above")


def _real_environment() -> dict[str, str]:
    # Empty is what .env.example has for a provider that is not used.
    environment = {name: value for name, value in os.environ.items() if value or name not in _KEYS}
    environment.pop("DATABASE_URL", None)  # this way has none
    return environment | _common()


def _offline_environment(upstream: str, home: Path) -> dict[str, str]:
    environment = {"HOME": str(home), "TMPDIR": str(home)}
    environment |= {name: os.environ[name] for name in _HARMLESS if name in os.environ}
    environment |= {name: upstream + path for name, path in _ADDRESSES.items()}
    environment |= dict.fromkeys(_KEYS, FAKE_KEY)
    # Whatever would still go to somewhere else, goes nowhere.
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9") | {"NO_PROXY": "127.0.0.1"}
    return environment | _common() | nowhere | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}


def _common() -> dict[str, str]:
    # In any other mode LiteLLM reads the next .env that it finds above its own package.
    return {"LITELLM_CACHE": "local", "LITELLM_MODE": "PRODUCTION", "LITELLM_TELEMETRY": "False"}


def _start(litellm: Path, port: int, environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    config = HERE / "litellm_config.yaml"
    command: list[str | Path] = [litellm.absolute(), "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    # A session of its own: Ctrl-C reaches this script alone, which then ends LiteLLM and all that it has started.
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            fail(f"LiteLLM ended with status {process.returncode} before it answered; its last words are above")
        try:
            with opener.open(f"http://127.0.0.1:{port}/health/liveliness", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    fail(f"LiteLLM did not answer within {START_LIMIT_S:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_LIMIT_S)
    with suppress(ProcessLookupError, PermissionError):  # nothing is left of it
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


if __name__ == "__main__":
    main()
