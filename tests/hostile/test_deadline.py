"""Five seconds for a whole run, whatever it is stuck in: measured from fork to wait."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from children import PROGRAM, Child
from loopback import homes
from raw import HEAD, endless, serving

from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from children import End

SECONDS = 5.0

MODELS = "/v1/models"

FULL = Path("/dev/full")


def dripping(start: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """A piece from time to time, so that no single read is ever late."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)
            time.sleep(0.05)

    return serve


def silence(connection: socket.socket) -> None:
    """Nothing, until the other end goes away."""
    connection.recv(1)


SERVERS: dict[str, Callable[[socket.socket], None]] = {
    "body-drip": dripping(HEAD + b"\r\n", b" "),
    "header-drip": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "hints-drip": dripping(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "hints-flood": endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
    "tiny-chunks": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1000),
    "silence": silence,
}

_WHEN_IMPORTED = """
class Finder:
    def find_spec(self, name, *_):
        if name == {!r}:
            {}
sys.meta_path.insert(0, Finder())
"""

# Each is run before the program itself, to make something in it hang. http.client is imported where the network is.
HANGS = {
    "resolver": "import socket; socket.getaddrinfo = lambda *_, **__: time.sleep(30)",
    "first-import": _WHEN_IMPORTED.format("typer", "time.sleep(30)"),
    "network-thread": _WHEN_IMPORTED.format("http.client", "time.sleep(30)"),
    "held-interpreter": _WHEN_IMPORTED.format("http.client", "import re; re.match('(a+)+$', 'a' * 60 + 'b')"),
    "main-thread": "from pathlib import Path; Path.home = lambda: time.sleep(30)",
    "fifo": "os.mkfifo('fifo'); from pathlib import Path; Path.home = lambda: open('fifo')",
    "thread-left-behind": "import threading; threading.Thread(target=time.sleep, args=(30,)).start()",
}

_RUN = """
import os, sys, time
{}
from litellm_discover.__main__ import main
sys.argv[0] = "litellm-discover"
main()
"""

_QUESTION = """
import time
from litellm_discover.io import watchdog
watchdog.start()
watchdog.limit(0.1)
with watchdog.suspended():
    time.sleep(1.5)
print("answered", flush=True)
time.sleep(30)
"""


@contextmanager
def dropping_connections() -> Iterator[str]:
    """An address where nobody refuses and nobody accepts: on Linux, a full queue drops what comes."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.settimeout(0)
            with suppress(BlockingIOError):
                client.connect(server.getsockname())
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def slow_cases(*arguments: str) -> Iterator[Mapping[str, list[str | Path]]]:
    """The command of every slow case, while what it talks to is there."""
    with ExitStack() as stack:
        silent, _ = stack.enter_context(serving({"/health/liveliness": silence, MODELS: silence}))
        nobody = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        addresses = {
            name: f"http://127.0.0.1:{stack.enter_context(serving({MODELS: serve}))[0]}"
            for name, serve in SERVERS.items()
        }
        addresses["tls"] = f"https://127.0.0.1:{nobody.getsockname()[1]}"
        if sys.platform == "linux":
            addresses["black-hole"] = stack.enter_context(dropping_connections())
        commands: dict[str, list[str | Path]] = {}
        for name, url in addresses.items():
            commands[name] = [PROGRAM, "--url", url, *arguments]
        for name, hang in HANGS.items():
            url = "https://blackhole.example:4000" if name == "resolver" else f"http://127.0.0.1:{silent}"
            commands[name] = [sys.executable, "-I", "-c", _RUN.format(hang), "--url", url, *arguments]
        yield commands


def run_at_once(cases: Iterable[tuple[str, Sequence[str | Path]]], root: Path) -> dict[str, End]:
    """How they end when all are started together."""
    children = {name: Child(command, root=root / name) for name, command in cases}
    return {name: child.end() for name, child in children.items()}


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, End]:
    """How all slow cases end with the time that a run has by default."""
    with slow_cases() as cases:
        return run_at_once(cases.items(), tmp_path_factory.mktemp("default"))


def test_every_slow_case_ends_in_five_seconds(ends: Mapping[str, End]) -> None:
    """From fork to wait, with status 1 and a line of cause, unless the interpreter itself is held."""
    assert {name: end.seconds for name, end in ends.items() if end.seconds > SECONDS} == {}
    assert {name: end.status for name, end in ends.items() if end.status != 1} == {}
    silent = {name for name, end in ends.items() if not end.stderr.startswith("error: ")}
    assert silent == {"held-interpreter"}
    assert not [end.stderr for end in ends.values() if "Traceback" in end.stderr or "bug" in end.stderr]


def test_what_is_late_is_told_where_it_can_be(ends: Mapping[str, End]) -> None:
    """Only what blocks the main thread is ended from outside; all else is an error with a cause, before that."""
    stopped = {name for name, end in ends.items() if "stopped after the time" in end.stderr}
    assert stopped == {"first-import", "main-thread", "fifo"}
    assert max(end.seconds for name, end in ends.items() if name in SERVERS) < min(
        ends[name].seconds for name in stopped
    )


def test_less_time_ends_every_slow_case_sooner(ends: Mapping[str, End], tmp_path: Path) -> None:
    """The time that a person gives is the time of all the limits, once it is known."""
    sooner: dict[str, End] = {}
    with slow_cases("--timeout", "1") as cases:
        waiting = [case for case in cases.items() if case[0] != "first-import"]
        while waiting:  # a few at a time: starting all of them takes longer than a second
            sooner |= run_at_once([waiting.pop() for _ in waiting[:4]], tmp_path)
    assert {name: end.status for name, end in sooner.items() if end.status != 1} == {}
    assert {name: end.seconds for name, end in sooner.items() if end.seconds > 0.6 * ends[name].seconds} == {}


def test_the_variable_sets_the_same_limit(tmp_path: Path) -> None:
    """LITELLM_DISCOVER_TIMEOUT reaches the watchdog, too."""
    command = [sys.executable, "-I", "-c", _RUN.format(HANGS["main-thread"])]
    short, long = (
        Child(command, root=tmp_path / seconds, env={"LITELLM_DISCOVER_TIMEOUT": seconds}) for seconds in ("0.5", "3")
    )
    assert short.end().seconds < 0.6 * long.end().seconds


def test_a_question_stops_the_clock(tmp_path: Path) -> None:
    """While a person thinks nothing is ended; then the time counts anew."""
    end = Child([sys.executable, "-I", "-c", _QUESTION], root=tmp_path / "run").end()
    assert (end.status, end.stdout) == (1, "answered\n")
    assert end.stderr.startswith("error: stopped after the time")
    assert 1.5 < end.seconds < SECONDS


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_ctrl_c_ends_a_run_that_waits(tmp_path: Path) -> None:
    """At once, with the status of an interrupted program, and without a word."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored below a job in the background
    with ExitStack() as stack:
        stack.callback(signal.signal, signal.SIGINT, before)
        port, asked = stack.enter_context(serving({MODELS: silence}))
        process = subprocess.Popen(
            [PROGRAM, "--url", f"http://127.0.0.1:{port}", "--timeout", "60"],
            cwd=tmp_path,
            env=homes(tmp_path),
            stderr=subprocess.PIPE,
        )
        until = time.monotonic() + 20
        while not asked and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
    assert (process.returncode, stderr) == (130, b"")


@pytest.mark.parametrize("arguments", [("--version",), ("demo",), ("--json",)], ids=lambda arguments: arguments[0])
def test_a_reader_who_goes_away_is_no_bug(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """As with `| head`: the program ends quietly, whether it writes little or much."""
    reader, writer = os.pipe()
    os.close(reader)
    with example_proxy() as (port, key):
        done = subprocess.run(
            [PROGRAM, *arguments],
            cwd=tmp_path,
            env={**homes(tmp_path), "LITELLM_DISCOVER_URL": f"http://127.0.0.1:{port}", "LITELLM_API_KEY": key},
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=20,
            check=False,
        )
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_result_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A full disk behind stdout is no success."""
    with FULL.open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [PROGRAM, "--version"], env=homes(tmp_path), stdout=full, stderr=subprocess.PIPE, timeout=20, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: the result could not be written")


def test_a_program_that_uses_the_package_is_not_watched() -> None:
    """Only the console script ends its process: calling `main` from Python arms nothing and returns."""
    program = (
        "import threading, time; from litellm_discover.cli.main import main;"
        "status = main(['--timeout', '0.1', '--url', 'nonsense']); time.sleep(1.2);"
        "print(status, threading.active_count())"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "2 1\n"
