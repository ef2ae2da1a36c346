"""Nobody but a trusted proxy ever gets the key: listeners of another user against the program itself."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

import pytest
from loopback import LoopbackServer, homes
from rogue import STRANGER, Listener, free_ports, leaks, listening
from tool import PROGRAM, discover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="whose a listener is, only Linux tells")

needs_another_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a listener of another user")

KEY = "sk-made-up-of-the-environment"
STORED = "sk-made-up-of-the-store"
HEADER = "made-up-secret-of-a-header"
OPENAI = "sk-made-up-of-the-pair"
NETRC = "made-up-password-of-netrc"
SECRETS = (KEY, STORED, HEADER, OPENAI, NETRC)

LIMIT_S = 20.0

V4, V6, ANY4, ANY6 = "127.0.0.1", "::1", "0.0.0.0", "::"  # noqa: S104 - a rogue listens wherever it can


@dataclass(frozen=True, slots=True)
class Rogue:
    """A listener of the other user; ``port`` counts from the lowest of the case."""

    host: str
    port: int = 0
    answer: str = "200"
    mark: str = "yes"
    v6only: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Who listens, what the person has, and how it must end: with the own proxy, or with an error's code.

    ``{0}``, ``{1}``, ``{2}`` in texts are the ports of the case, lowest first.
    """

    rogues: tuple[Rogue, ...]
    ends: str
    arguments: tuple[str, ...] = ("--port", "{0}")
    own: tuple[str, int] | None = None
    env: Mapping[str, str] = field(default_factory=lambda: {"LITELLM_API_KEY": KEY})
    files: Mapping[str, str] = field(default_factory=dict)


UNTRUSTED, NOT_FOUND, OWN = "untrusted_origin", "proxy_not_found", "own"
BOTH_PORTS = ("--port", "{0}", "--port", "{1}")
BOTH_HOSTS = (Rogue(V4), Rogue(V6))
NO_KEY: dict[str, str] = {}

CONFIG = "config/opencode/opencode.json"
PINS = "state/litellm-discover/trust.json"


def opencode(url: str) -> str:
    """An OpenCode configuration that names an address."""
    return json.dumps({"provider": {"litellm": {"options": {"baseURL": url, "customHeaders": {"x-gate": HEADER}}}}})


def pins(*origins: str) -> str:
    """A file of pins."""
    return json.dumps({"schemaVersion": 1, "origins": origins})


def env(**variables: str) -> dict[str, str]:
    """The person's key, and these variables."""
    return {"LITELLM_API_KEY": KEY, **variables}


CASES = {
    # Alone where the proxy is looked for; what it answers to a key makes no difference, because it is never asked.
    **{
        f"alone_{name}_{answer}": Case((Rogue(host, answer=answer), Rogue(host, port=1)), UNTRUSTED)
        for name, host in (("ipv4", V4), ("ipv6", V6))
        for answer in ("200", "401", "404", "html", "redirect")
    },
    "alone_on_both_addresses": Case(BOTH_HOSTS, UNTRUSTED),
    "alone_on_every_ipv4_address": Case((Rogue(ANY4),), UNTRUSTED),
    "alone_on_every_address": Case((Rogue(ANY6),), UNTRUSTED),
    "alone_for_a_stored_key": Case((Rogue(V4),), UNTRUSTED, env=NO_KEY),
    "alone_on_two_ports": Case((Rogue(V4), Rogue(V4, 1)), UNTRUSTED, BOTH_PORTS),
    # What is not LiteLLM is not even a question of trust.
    "no_mark_ipv4": Case((Rogue(V4, mark="404"),), NOT_FOUND),
    "no_mark_ipv6": Case((Rogue(V6, mark="404"),), NOT_FOUND),
    "no_mark_for_a_stored_key": Case((Rogue(V4, mark="401"),), NOT_FOUND, env=NO_KEY),
    "mark_is_a_page": Case((Rogue(V4, mark="html"),), NOT_FOUND),
    "mark_is_a_redirect_to_a_mark": Case((Rogue(V4, mark="redirect"), Rogue(V4, 1)), NOT_FOUND),
    "mark_never_comes": Case((Rogue(V4, mark="silent"),), NOT_FOUND),
    "mark_is_no_http": Case((Rogue(V4, mark="garbage"),), NOT_FOUND),
    # Beside the person's own proxy, which needs no question.
    "on_a_lower_port": Case((Rogue(V4),), OWN, BOTH_PORTS, own=(V4, 1)),
    "on_both_addresses_of_a_lower_port": Case(BOTH_HOSTS, OWN, BOTH_PORTS, own=(V4, 1)),
    "on_a_higher_port": Case((Rogue(V4, 1),), OWN, BOTH_PORTS, own=(V4, 0)),
    "no_mark_on_a_lower_port": Case((Rogue(V4, mark="404"),), OWN, BOTH_PORTS, own=(V4, 1)),
    "on_ipv6_of_the_same_port": Case((Rogue(V6),), OWN, own=(V4, 0)),
    "on_ipv4_of_the_same_port": Case((Rogue(V4),), OWN, own=(V6, 0)),
    "beside_it_for_a_stored_key": Case((Rogue(V6),), OWN, own=(V4, 0), env=NO_KEY),
    # It could accept what is meant for IPv4 as soon as the own one ends.
    "on_every_ipv6_address_of_the_same_port": Case((Rogue(ANY6, v6only=True),), UNTRUSTED, own=(V4, 0)),
    # A name is not an address.
    "localhost": Case(BOTH_HOSTS, UNTRUSTED, ("--url", "http://localhost:{0}")),
    "localhost_ipv6": Case((Rogue(V6),), OWN, ("--url", "http://localhost:{0}"), own=(V4, 0)),
    "localhost_ipv4": Case((Rogue(V4),), OWN, ("--url", "http://localhost:{0}"), own=(V6, 0)),
    "localhost_in_a_variable": Case((Rogue(V4),), UNTRUSTED, (), env=env(LITELLM_API_BASE="http://localhost:{0}")),
    "localhost_with_headers": Case((Rogue(V6),), UNTRUSTED, (), files={CONFIG: opencode("http://localhost:{0}")}),
    "headers_for_another_origin": Case(BOTH_HOSTS, UNTRUSTED, files={CONFIG: opencode("http://127.0.0.1:{1}")}),
    "openai_without_mark": Case(
        (Rogue(V4, mark="404"),), NOT_FOUND, (), env=env(OPENAI_BASE_URL="http://127.0.0.1:{0}", OPENAI_API_KEY=OPENAI)
    ),
    "openai_at_localhost": Case(
        (Rogue(V4),), UNTRUSTED, (), env=env(OPENAI_BASE_URL="http://localhost:{0}/v1", OPENAI_API_KEY=OPENAI)
    ),
    # Files of a project, and pins that are not the person's.
    "project_opencode_json": Case(
        (Rogue(V4),), OWN, ("--port", "{1}"), own=(V4, 1), files={"opencode.json": opencode("http://127.0.0.1:{0}")}
    ),
    "project_opencode_folder": Case(
        (Rogue(V4),),
        OWN,
        ("--port", "{1}"),
        own=(V4, 1),
        files={".opencode/opencode.json": opencode("http://127.0.0.1:{0}")},
    ),
    "project_env_file": Case(
        (Rogue(V4),),
        OWN,
        ("--port", "{1}"),
        own=(V4, 1),
        files={".env": "LITELLM_API_BASE=http://127.0.0.1:{0}\nLITELLM_DISCOVER_URL=http://127.0.0.1:{0}\n"},
    ),
    "project_with_nothing_else": Case(
        (Rogue(V4),), UNTRUSTED, files={"opencode.jsonc": opencode("http://127.0.0.1:{0}"), "trust.json": pins()}
    ),
    "project_pins": Case(
        (Rogue(V4),),
        UNTRUSTED,
        files={
            "trust.json": pins("http://127.0.0.1:{0}"),
            "litellm-discover/trust.json": pins("http://127.0.0.1:{0}"),
        },
    ),
    "pins_of_the_other_user": Case((Rogue(V4),), UNTRUSTED, files={PINS: pins("http://127.0.0.1:{0}")}),
    # The environment of HTTP clients.
    "http_proxy": Case(
        (Rogue(V4),),
        OWN,
        ("--port", "{1}"),
        own=(V4, 1),
        env=env(HTTP_PROXY="http://127.0.0.1:{0}", http_proxy="http://127.0.0.1:{0}"),
    ),
    "all_proxy": Case(
        (Rogue(V4),),
        OWN,
        ("--port", "{1}"),
        own=(V6, 1),
        env=env(ALL_PROXY="http://127.0.0.1:{0}", all_proxy="socks5://127.0.0.1:{0}"),
    ),
    "netrc": Case(
        (Rogue(V4),),
        UNTRUSTED,
        env=env(NETRC="{root}/netrc"),
        files={"netrc": f"machine 127.0.0.1 login me password {NETRC}\n"},
    ),
    # A pin is for one scheme, host and port.
    "pin_of_another_port": Case(
        (Rogue(V4),), UNTRUSTED, files={PINS: pins("http://127.0.0.1:{1}", "https://127.0.0.1:{0}", "http://[::1]:{0}")}
    ),
}


class Stage:
    """A case set up below a folder: its ports, its files and its listeners."""

    def __init__(self, case: Case, root: Path, stack: ExitStack) -> None:
        self.root = root
        self.case = case
        self.ports = free_ports(3)
        self.heard, self.own_heard = root.with_name("rogue.log"), root.with_name("own.log")
        for name, text in case.files.items():
            self._plant(name, text)
        self._plant("data/opencode/auth.json", json.dumps({"litellm": {"type": "api", "key": STORED}}))
        self.planted = self.files()
        if case.own:
            host, port = case.own
            own = Listener(host, self.ports[port], model="own-model")
            stack.enter_context(listening(own, log=self.own_heard))
        if case.rogues:
            stack.enter_context(listening(*map(self._listener, case.rogues), log=self.heard, uid=STRANGER))

    def fill(self, text: str) -> str:
        """The text with this case's ports and folder in it."""
        for number, port in enumerate(self.ports):
            text = text.replace(f"{{{number}}}", str(port))
        return text.replace("{root}", str(self.root))

    def files(self) -> dict[str, bytes]:
        """Every file below the folder, with its bytes."""
        return {str(path): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def own_url(self) -> str:
        """The address of the person's own proxy."""
        assert self.case.own
        return self._root(self.case.own[0], self.ports[self.case.own[1]])

    def rogue_urls(self) -> list[str]:
        """Every address at which a rogue can be reached."""
        reached = {V4: (V4,), V6: (V6,), ANY4: (V4,), ANY6: (V4, V6)}
        return [self._root(host, self.ports[rogue.port]) for rogue in self.case.rogues for host in reached[rogue.host]]

    def _root(self, host: str, port: int) -> str:
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _listener(self, rogue: Rogue) -> Listener:
        target = f"http://127.0.0.1:{self.ports[1]}"
        return Listener(
            rogue.host, self.ports[rogue.port], rogue.answer, rogue.mark, target=target, v6only=rogue.v6only
        )

    def _plant(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_text(self.fill(text), encoding="utf-8")
        path.chmod(0o600)


@needs_another_user
@pytest.mark.parametrize("name", CASES)
def test_a_rogue_gets_no_key_and_is_never_written(tmp_path: Path, name: str) -> None:
    """No secret is in what a rogue was sent, and nothing of a rogue in targets, models or files."""
    case, root = CASES[name], tmp_path / "root"
    root.mkdir()
    with ExitStack() as stack:
        stage = Stage(case, root, stack)
        if name == "pins_of_the_other_user":
            os.chown(root / PINS, STRANGER, STRANGER)
        arguments = [stage.fill(argument) for argument in case.arguments]
        variables = {variable: stage.fill(value) for variable, value in case.env.items()}
        run = discover(*arguments, "--json", "--write", "opencode", root=root, env=variables)
    heard, document = stage.heard.read_bytes(), run.json
    assert [secret for secret in SECRETS if leaks(heard, secret)] == []
    assert b"uthorization" not in heard
    assert "rogue-model" not in run.stdout
    shown = json.dumps([document["targets"], document["proxies"], document["models"]])
    written = {path: data for path, data in stage.files().items() if stage.planted.get(path) != data}
    for url in stage.rogue_urls():
        assert url not in shown
        assert not [path for path, data in written.items() if url.encode() in data]
    _ends_as_it_must(stage, document, written)


def _ends_as_it_must(stage: Stage, document: Any, written: Mapping[str, bytes]) -> None:
    if stage.case.ends == OWN:
        assert [proxy["baseUrl"] for proxy in document["proxies"]] == [f"{stage.own_url()}/v1"]
        key = stage.case.env.get("LITELLM_API_KEY", STORED)
        assert leaks(stage.own_heard.read_bytes(), key), "the search for the key finds it where it belongs"
        assert any(b"own-model" in data for data in written.values())
        return
    (error,) = document["errors"]
    assert error["code"] == stage.case.ends
    assert not [path for path in written if path.startswith(str(stage.root / "config"))]
    if stage.case.ends == UNTRUSTED:
        assert b"GET /health/liveliness" in stage.heard.read_bytes()
        assert f"uid {STRANGER}" in error["message"]
        assert "litellm-discover trust " in error["hint"]


@needs_another_user
def test_the_notice_names_who_was_passed_over(tmp_path: Path) -> None:
    """The person learns that somebody answers like LiteLLM, and who; once, and not as a place to use."""
    root = tmp_path / "root"
    root.mkdir()
    with ExitStack() as stack:
        stage = Stage(CASES["on_a_lower_port"], root, stack)
        arguments = [stage.fill(argument) for argument in BOTH_PORTS]
        document = discover(*arguments, "--json", root=root).json
    warnings = {warning["code"]: warning["message"] for warning in document["warnings"]}
    assert "other_proxies" not in warnings
    told = f"{stage.rogue_urls()[0]} (its listener belongs to uid {STRANGER})"
    assert told in warnings["untrusted_proxies"]


@needs_another_user
def test_a_pin_opens_the_gate_and_its_end_closes_it(tmp_path: Path) -> None:
    """The command of the hint is enough; nothing else had to change."""
    root = tmp_path / "root"
    root.mkdir()
    with ExitStack() as stack:
        stage = Stage(Case((Rogue(V6),), OWN), root, stack)
        port, env = ("--port", str(stage.ports[0])), {"LITELLM_API_KEY": KEY}
        refused = discover(*port, root=root, env=env)
        assert f"litellm-discover trust 'http://[::1]:{stage.ports[0]}'" in refused.stderr
        assert refused.returncode == 1
        assert discover("trust", f"http://[::1]:{stage.ports[0]}/v1", root=root).returncode == 0
        assert "rogue-model" in discover(*port, root=root, env=env).stdout
        assert discover("untrust", f"http://[::1]:{stage.ports[0]}", root=root).returncode == 0
        assert discover(*port, root=root, env=env).returncode == 1


def on_a_terminal(*arguments: str, root: Path, answer: str, after: float = 0) -> tuple[int, str]:
    """One run with a terminal, on which ``answer`` is typed ``after`` seconds; its status and what it showed."""
    master, slave = pty.openpty()
    shown, answered, end = "", False, time.monotonic() + LIMIT_S
    with subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=root,
        env={**homes(root), "LITELLM_API_KEY": KEY, "TERM": "dumb"},
        stdin=slave,
        stdout=subprocess.DEVNULL,
        stderr=slave,
    ) as process:
        os.close(slave)
        try:
            while time.monotonic() < end:
                if not select.select([master], [], [], 0.05)[0]:
                    if process.poll() is not None:
                        break
                    continue
                try:
                    part = os.read(master, 4096)
                except OSError:  # the other end is closed
                    break
                shown += part.decode()
                if "[y/N]" in shown and not answered:
                    answered = True
                    time.sleep(after)
                    os.write(master, f"{answer}\n".encode())
            return process.wait(max(0.1, end - time.monotonic())), shown
        finally:
            process.kill()
            os.close(master)


@needs_another_user
@pytest.mark.parametrize(("answer", "trusted"), [("y", True), ("YES", True), ("n", False), ("", False), ("x", False)])
def test_on_a_terminal_the_person_is_asked_once(tmp_path: Path, answer: str, *, trusted: bool) -> None:
    """Yes pins the origin and goes on, anything else refuses; after a yes there is no second question."""
    root = tmp_path / "root"
    root.mkdir()
    with ExitStack() as stack:
        stage = Stage(Case((Rogue(V4), Rogue(V6)), OWN), root, stack)
        port = ("--port", str(stage.ports[0]))
        status, shown = on_a_terminal(*port, root=root, answer=answer)
        assert shown.count("[y/N]") == 1
        assert f"Trust http://127.0.0.1:{stage.ports[0]}? Its listener belongs to " in shown
        assert f"uid {STRANGER}" in shown
        assert (status == 0) == trusted
        assert bool(leaks(stage.heard.read_bytes(), KEY)) == trusted
        listed = discover("trust", "--list", root=root).stdout
        assert listed == (f"http://127.0.0.1:{stage.ports[0]}\n" if trusted else "")
        if trusted:
            status, shown = on_a_terminal(*port, root=root, answer="n")
            assert (status, shown.count("[y/N]")) == (0, 0)


@needs_another_user
def test_an_answer_that_takes_longer_than_the_run_may(tmp_path: Path) -> None:
    """A person's time to think is not the run's."""
    root = tmp_path / "root"
    root.mkdir()
    with ExitStack() as stack:
        stage = Stage(Case((Rogue(V4),), OWN), root, stack)
        status, shown = on_a_terminal("--port", str(stage.ports[0]), "--timeout", "1", root=root, answer="y", after=1.5)
    assert status == 0, shown


@needs_another_user
@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_a_script_is_never_asked(tmp_path: Path, option: str) -> None:
    """Also when it happens to run on a terminal."""
    root = tmp_path / "root"
    root.mkdir()
    with ExitStack() as stack:
        stage = Stage(Case((Rogue(V4),), OWN), root, stack)
        status, shown = on_a_terminal("--port", str(stage.ports[0]), option, root=root, answer="y")
    assert status == 1
    assert "[y/N]" not in shown


def test_the_own_proxy_needs_no_question(tmp_path: Path) -> None:
    """The ordinary case: a proxy of this user, a key in the environment, no pin."""
    (port,) = free_ports(1)
    root, log = tmp_path / "root", tmp_path / "own.log"
    root.mkdir()
    for host in (V4, V6, ANY4, ANY6):
        with listening(Listener(host, port, model="own-model"), log=log):
            run = discover("--port", str(port), root=root, env={"LITELLM_API_KEY": KEY})
        assert run.returncode == 0, run.stderr
        assert "own-model" in run.stdout
    assert leaks(log.read_bytes(), KEY)
    assert not (root / "state" / "litellm-discover" / "trust.json").exists()
    assert not [path for path in root.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]


def test_headers_go_only_where_the_same_file_says_that_the_proxy_is(tmp_path: Path) -> None:
    """Not to another proxy, even the person's own."""
    root = tmp_path / "root"
    root.mkdir()
    case = Case((), OWN, own=(V4, 0), files={CONFIG: opencode("http://127.0.0.1:{1}")})
    with ExitStack() as stack:
        stage = Stage(case, root, stack)
        run = discover("--port", str(stage.ports[0]), root=root, env={"LITELLM_API_KEY": KEY})
    assert run.returncode == 0, run.stderr
    heard = stage.own_heard.read_bytes()
    assert leaks(heard, KEY)
    assert not leaks(heard, HEADER)


def test_a_connection_from_before_the_gate_never_carries_the_key(tmp_path: Path) -> None:
    """Whoever answered may have left the port since: the listener that was judged is the one that is connected to."""
    connections: dict[int, list[str]] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connections.setdefault(self.client_address[1], []).append(str(self.headers["Authorization"]))
            body = b'"I\'m alive!"' if self.path == "/health/liveliness" else b'{"data": [{"id": "m"}]}'
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            """Stay quiet."""

    with LoopbackServer(Handler) as server:
        run = discover("--port", str(server.server_port), root=tmp_path, env={"LITELLM_API_KEY": KEY})
    assert run.returncode == 0, run.stderr
    first, *others = connections.values()
    assert first == ["None"]
    assert [f"Bearer {KEY}" in asked for asked in others] == [True]
