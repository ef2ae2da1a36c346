"""The scripts of examples/litellm-local, with a small stand-in for LiteLLM: files, processes, refusals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest
from loopback import LoopbackServer, homes
from start_litellm import ProvidersError, add_providers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path(__file__).parents[1] / "examples" / "litellm-local"
LIMIT_S = 30.0

SHIPPED = {"publicai": {"base_url": "https://publicai.example/v1", "api_key_env": "PUBLICAI_API_KEY"}}

# What the scripts see of LiteLLM: a program beside an interpreter that knows where the package is.
_LITELLM = """#!{python} -I
import http.server, json, os, pathlib, signal, subprocess, sys
mode = pathlib.Path({root!r}, "mode").read_text()
providers = json.loads(pathlib.Path({root!r}, "litellm/llms/openai_like/providers.json").read_text())
child = subprocess.Popen(["sleep", "600"]) if mode == "stubborn" else None
seen = {{"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "providers": providers,
        "pids": [os.getpid()] + ([child.pid] if child else [])}}
pathlib.Path({root!r}, "seen").write_text(json.dumps(seen))
if mode == "broken":
    sys.exit(3)
if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Alive(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'"I\\'m alive!"')
    def log_message(self, *_):
        pass
if "--port" in sys.argv:
    port = int(sys.argv[sys.argv.index("--port") + 1])
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Alive).serve_forever()
"""


class FakeLiteLLM:
    """An installation below a folder; `program` is what is started."""

    def __init__(self, root: Path, mode: str = "fine") -> None:
        self.root = root
        self.providers = root / "litellm" / "llms" / "openai_like" / "providers.json"
        self.program = root / "bin" / "litellm"
        self.providers.parent.mkdir(parents=True)
        self.providers.write_text(json.dumps(SHIPPED), encoding="utf-8")
        self.program.parent.mkdir()
        (root / "mode").write_text(mode, encoding="utf-8")
        self._write(self.program, _LITELLM.format(python=sys.executable, root=str(root)))
        self._write(root / "bin" / "python3", f"#!/bin/sh\necho '{root}/litellm/__init__.py'\n")

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    @property
    def seen(self) -> Any:
        """What the program was started with."""
        return json.loads((self.root / "seen").read_text(encoding="utf-8"))


@pytest.fixture
def litellm(tmp_path: Path) -> FakeLiteLLM:
    """An installation that works."""
    return FakeLiteLLM(tmp_path / "installed")


# The list of providers.


def test_providers_are_added_and_none_is_lost(litellm: FakeLiteLLM) -> None:
    """Those of the package stay; a second time changes nothing, not even the file."""
    litellm.providers.chmod(0o640)
    assert add_providers(litellm.program) == litellm.providers
    merged = json.loads(litellm.providers.read_text(encoding="utf-8"))
    assert merged == SHIPPED | json.loads((FOLDER / "providers.json").read_text(encoding="utf-8"))
    first = litellm.providers.stat()
    assert first.st_mode & 0o777 == 0o640
    add_providers(litellm.program)
    assert litellm.providers.stat().st_ino == first.st_ino
    assert [path.name for path in litellm.providers.parent.iterdir()] == ["providers.json"]


def test_the_package_is_found_behind_a_link(litellm: FakeLiteLLM, tmp_path: Path) -> None:
    """As installers put one on the PATH."""
    link = tmp_path / "litellm"
    link.symlink_to(litellm.program)
    assert add_providers(link) == litellm.providers


@pytest.mark.parametrize(
    ("shipped", "ours", "said"),
    [
        ("{}", '{"x": {"base_url": "https://x.example"}}', "x needs a base_url and an api_key_env"),
        ("{}", '{"x": "https://x.example"}', "x needs a base_url and an api_key_env"),
        ("{}", "{", "cannot read the providers"),
        ("{}", "[]", "holds no JSON object"),
        ("{", '{"x": {"base_url": "b", "api_key_env": "K"}}', "cannot read the providers"),
    ],
)
def test_a_list_that_litellm_could_not_read_is_not_written(
    litellm: FakeLiteLLM, tmp_path: Path, shipped: str, ours: str, said: str
) -> None:
    """LiteLLM would start without most of its providers, and say nothing."""
    litellm.providers.write_text(shipped, encoding="utf-8")
    own = tmp_path / "own.json"
    own.write_text(ours, encoding="utf-8")
    with pytest.raises(ProvidersError, match=said):
        add_providers(litellm.program, own)
    assert litellm.providers.read_text(encoding="utf-8") == shipped


def test_a_program_that_is_no_litellm_is_named(tmp_path: Path) -> None:
    """Its interpreter is not there."""
    with pytest.raises(ProvidersError, match=r"is .*/litellm really one"):
        add_providers(tmp_path / "litellm")


def test_the_container_starts_litellm_with_the_merged_list(litellm: FakeLiteLLM, tmp_path: Path) -> None:
    """The start script becomes LiteLLM, with its arguments."""
    environment = {**homes(tmp_path), "PATH": f"{litellm.program.parent}{os.pathsep}{os.environ['PATH']}"}
    command: list[str | Path] = [sys.executable, FOLDER / "start_litellm.py", "--config", "/stack/litellm_config.yaml"]
    process = subprocess.Popen(command, env=environment)
    assert process.wait(LIMIT_S) == 0
    assert litellm.seen["argv"] == ["--config", "/stack/litellm_config.yaml"]
    assert litellm.seen["pids"] == [process.pid]
    assert litellm.seen["providers"].keys() == {"publicai", "opencodego"}


# Without containers.


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Running:
    """The script with the stand-in, until its `with` block ends."""

    def __init__(self, litellm: FakeLiteLLM, *options: str, env: Mapping[str, str] | None = None) -> None:
        self.port = _free_port()
        command: list[str | Path] = [sys.executable, FOLDER / "run_local.py", "--litellm", litellm.program]
        command += ["--port", str(self.port), *options]
        self.process = subprocess.Popen(
            command,
            cwd=litellm.root,
            env={**homes(litellm.root), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def line(self) -> str:
        """What it says as soon as it is ready."""
        assert self.process.stdout is not None
        line: str = self.process.stdout.readline()
        return line

    def end(self, number: int) -> tuple[int, str, str]:
        """Its status after a signal, and what else it printed."""
        self.process.send_signal(number)
        stdout, stderr = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, stdout, stderr


def _gone(pid: int) -> bool:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        # A zombie counts as gone: its parent was ended with it, and nobody may be there to ask for its status.
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
        if state.stdout.strip()[:1] in {"", "Z"}:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_litellm(litellm: FakeLiteLLM, number: int) -> None:
    """Quietly, with status 0, as that is what was asked for; standard output is one line that a shell can run."""
    with Running(litellm, "--offline") as running:
        line = running.line()
        assert running.end(number) == (0, "", "")
    exported = subprocess.run(
        ["sh", "-c", f'{line}\necho "$LITELLM_DISCOVER_URL $LITELLM_API_KEY"'],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    ).stdout.split()
    assert exported == [f"http://127.0.0.1:{running.port}", litellm.seen["env"]["LITELLM_MASTER_KEY"]]
    assert all(_gone(pid) for pid in litellm.seen["pids"])
    assert not Path(litellm.seen["cwd"]).exists()


def test_one_that_does_not_want_to_end_is_ended_with_its_children(tmp_path: Path) -> None:
    """After a while, although it ignores the request and a second signal comes meanwhile."""
    litellm = FakeLiteLLM(tmp_path / "installed", "stubborn")
    with Running(litellm, "--offline") as running:
        running.line()
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert running.end(signal.SIGTERM)[0] == 0
    assert len(litellm.seen["pids"]) == 2
    assert all(_gone(pid) for pid in litellm.seen["pids"])


def test_offline_nothing_of_the_person_reaches_litellm(litellm: FakeLiteLLM) -> None:
    """No key, no address, no home, and no .env that it would find by itself; no secret in its arguments."""
    keys = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "OPENCODE_GO_API_KEY")
    own = dict.fromkeys((*keys, "OPENAI_BASE_URL", "DATABASE_URL", "REDIS_HOST", "HTTPS_PROXY"), "sk-canary")
    with Running(litellm, "--offline", env=own) as running:
        running.line()
        running.end(signal.SIGTERM)
    seen = litellm.seen
    assert "sk-canary" not in json.dumps(seen)
    assert {seen["env"][name] for name in keys} == {"not-a-real-key"}
    addresses = [value for name, value in seen["env"].items() if name.endswith(("_BASE_URL", "_API_BASE"))]
    assert len(addresses) == 5
    assert all(address.startswith("http://127.0.0.1:") for address in addresses)
    assert (seen["env"]["LITELLM_MODE"], seen["env"]["LITELLM_CACHE"]) == ("PRODUCTION", "local")
    assert seen["env"]["HOME"] == seen["cwd"] != str(litellm.root)
    assert seen["argv"][seen["argv"].index("--host") + 1] == "127.0.0.1"
    assert seen["env"]["LITELLM_MASTER_KEY"] not in " ".join(seen["argv"])


def test_with_real_keys_they_reach_litellm_and_your_master_key_is_not_shown(litellm: FakeLiteLLM) -> None:
    """An empty key is no key; a database is not used; the other terminal has to know the master key."""
    own = {"OPENAI_API_KEY": "sk-mine", "GEMINI_API_KEY": "", "LITELLM_MASTER_KEY": "sk-master", "DATABASE_URL": "x"}
    with Running(litellm, env=own) as running:
        line = running.line()
        assert running.end(signal.SIGTERM)[0] == 0
    seen = litellm.seen["env"]
    assert (seen["OPENAI_API_KEY"], seen["LITELLM_MASTER_KEY"]) == ("sk-mine", "sk-master")
    assert not {"GEMINI_API_KEY", "DATABASE_URL", "OPENAI_BASE_URL"} & seen.keys()
    assert line.endswith('LITELLM_API_KEY="$LITELLM_MASTER_KEY"\n')


def test_a_new_key_each_time(tmp_path: Path) -> None:
    """Where none was given, and where an empty one was."""
    lines = set()
    for name in ("one", "two"):
        with Running(FakeLiteLLM(tmp_path / name), "--offline", env={"LITELLM_MASTER_KEY": ""}) as running:
            lines.add(running.line().rpartition("=")[2])
            running.end(signal.SIGTERM)
    assert len(lines) == 2
    assert all(line.startswith("sk-local-") and len(line) > 40 for line in lines)


def test_one_that_ends_by_itself_is_told(tmp_path: Path) -> None:
    """With its status, and no line that looks like success."""
    with Running(FakeLiteLLM(tmp_path / "installed", "broken"), "--offline") as running:
        stdout, stderr = running.process.communicate(timeout=LIMIT_S)
    assert (running.process.returncode, stdout) == (1, "")
    assert "LiteLLM ended with status 3 before it answered" in stderr


def test_a_port_in_use_is_told_before_anything_is_started(litellm: FakeLiteLLM) -> None:
    """With what to do."""
    with LoopbackServer(BaseHTTPRequestHandler) as taken, Running(litellm, "--port", str(taken.server_port)) as running:
        stdout, stderr = running.process.communicate(timeout=LIMIT_S)
    assert (running.process.returncode, stdout) == (1, "")
    assert "choose another with --port" in stderr
    assert not (litellm.root / "seen").exists()


def test_recording_is_for_offline(litellm: FakeLiteLLM) -> None:
    """Nothing passes by here otherwise."""
    with Running(litellm, "--record", "x") as running:
        assert "--record needs --offline" in running.process.communicate(timeout=LIMIT_S)[1]
    assert running.process.returncode == 2


# A key for the agents.

MASTER, VIRTUAL = "sk-master-0123456789", "sk-Virtual_key-0123456789"


class Keys(LoopbackServer):
    """A proxy that gives keys, or answers as it is told to; `asked` has each request."""

    def __init__(self, status: int = 200, answer: Any = None, location: str | None = None) -> None:
        super().__init__(_KeysHandler)
        self.status, self.answer, self.location = status, answer, location
        self.asked: list[tuple[str, str | None, Any]] = []


class _KeysHandler(BaseHTTPRequestHandler):
    server: Keys

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is inherited
        """Stay quiet."""

    def do_GET(self) -> None:
        self._answer(None, 200, {"data": [{"id": "gpt-5.5"}, {"id": "opencodego-router"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = {"key": VIRTUAL} if self.server.answer is None else self.server.answer
        self._answer(body, self.server.status, answer)

    def _answer(self, body: Any, status: int, answer: Any) -> None:
        self.server.asked.append((self.path, self.headers["authorization"], body))
        self.send_response(status)
        if self.server.location and body is not None:
            self.send_header("location", self.server.location)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


@pytest.fixture
def keys() -> Iterator[Keys]:
    """A proxy that gives keys."""
    with Keys() as server:
        yield server


def _make_key(url: str, *arguments: str, master: str = MASTER, stdout: Any = subprocess.PIPE) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, FOLDER / "make_key.py", "--url", url, *arguments],
        env={"PATH": os.defpath, "LITELLM_MASTER_KEY": master},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    assert MASTER not in done.stderr
    return done.returncode, done.stdout or "", done.stderr


def test_a_key_for_all_models_and_for_talking_alone(keys: Keys) -> None:
    """The proxy's own list, and the group of routes that a test with the real LiteLLM looks into."""
    assert _make_key(keys.base_url) == (0, f"export LITELLM_API_KEY={VIRTUAL}\n", "")
    wanted = {
        "models": ["gpt-5.5", "opencodego-router"],
        "allowed_routes": ["llm_api_routes"],
        "key_alias": "coding-agents",
    }
    bearer = f"Bearer {MASTER}"
    assert keys.asked == [("/v1/models", bearer, None), ("/key/generate", bearer, wanted)]


def test_a_key_for_named_models(keys: Keys) -> None:
    """Nothing else is asked."""
    assert _make_key(keys.base_url, "--alias", "pi", "gpt-5.5")[0] == 0
    ((path, _, body),) = keys.asked
    assert (path, body["models"], body["key_alias"]) == ("/key/generate", ["gpt-5.5"], "pi")


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (500, {"error": {"message": "{'error': 'DB not connected. This endpoint …'}"}}, "has no database"),
        (400, {"error": {"message": "No connected db.", "type": "no_db_connection"}}, "has no database"),
        (400, {"error": {"message": "Key with alias 'coding-agents' already exists."}}, "--alias"),
        (401, {"error": {"message": f"Received API Key = {MASTER}"}}, "refuses LITELLM_MASTER_KEY"),
        (503, {}, "answered 503 to /key/generate"),
        (200, {"token": "x"}, "without a key"),
        (200, {"key": "$(reboot)"}, "without a key"),
        (200, ["x"], "no JSON object"),
    ],
)
def test_a_refusal_is_told_in_words(status: int, answer: Any, said: str) -> None:
    """Never in those of the answer, which may repeat the key."""
    with Keys(status, answer) as server:
        code, stdout, stderr = _make_key(server.base_url)
    assert (code, stdout) == (1, "")
    assert stderr.startswith("make_key: ")
    assert said in stderr


def test_the_master_key_follows_no_redirect(keys: Keys) -> None:
    """Wherever it leads."""
    with Keys(307, {}, keys.base_url + "/key/generate") as server:
        assert _make_key(server.base_url)[0] == 1
    assert keys.asked == []


@pytest.mark.parametrize("url", ["http://llm.example.com", "http://127.0.0.1.example.com", "file:///etc/passwd"])
def test_the_master_key_leaves_the_machine_only_encrypted(url: str) -> None:
    """And goes to no file."""
    assert "over https, or to this machine" in _make_key(url)[2]


def test_no_proxy_and_no_master_key(tmp_path: Path) -> None:
    """The two beginnings that are forgotten."""
    assert "is the stack running?" in _make_key(f"http://127.0.0.1:{_free_port()}")[2]
    assert "LITELLM_MASTER_KEY is not set" in _make_key("http://127.0.0.1:1", master="")[2]


@pytest.mark.parametrize(("mode", "code"), [(0o644, 1), (0o640, 1), (0o600, 0)])
def test_a_key_goes_into_no_file_that_others_can_read(keys: Keys, tmp_path: Path, mode: int, code: int) -> None:
    """It is not even made then."""
    target = tmp_path / "key.sh"
    target.touch()
    target.chmod(mode)
    with target.open("w") as file:
        assert _make_key(keys.base_url, stdout=file)[0] == code
    assert bool(target.read_text()) == bool(keys.asked) == (code == 0)
