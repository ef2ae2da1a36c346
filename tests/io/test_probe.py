from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from litellm_discover.core.origin import Origin, loopback
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.example_proxy import example_proxy
from litellm_discover.io.probe import Probed, probe
from litellm_discover.sources.litellm import LIVELINESS, is_litellm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def probed(origins: Sequence[Origin], seconds: float = 5) -> tuple[Probed, ...]:
    """One probe, as the application does it."""
    return probe(origins, LIVELINESS, is_litellm, Deadline.after(seconds))


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(answer: bytes | None, heard: list[bytes]) -> Iterator[int]:
    """A listener that sends ``answer``, or nothing at all for None; what it hears is kept."""

    def run() -> None:
        connections = []
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                break
            connection.settimeout(5)
            heard.append(connection.recv(4096))
            if answer is None:
                connections.append(connection)
            else:
                connection.sendall(answer)
                connection.close()
        for connection in connections:
            connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            server.close()
            thread.join(10)


def http(status: str, content_type: str, body: str) -> bytes:
    """A complete answer."""
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nConnection: close\r\n\r\n{body}".encode()


def test_a_litellm_is_recognised() -> None:
    """What answers like a recorded LiteLLM is one."""
    with example_proxy() as (port, _):
        (result,) = probed([Origin("http", "127.0.0.1", port)])
    assert result.outcome == "litellm"


@pytest.mark.parametrize(
    "answer",
    [
        http("200 OK", "text/html", "<html>"),
        http("200 OK", "text/plain", '"I\'m alive!"'),
        http("200 OK", "application/json", '"I am alive!"'),
        http("200 OK", "application/json", '{"status": "I\'m alive!"}'),
        http("200 OK", "application/json", "I'm alive!"),
        http("404 Not Found", "application/json", '{"detail":"Not Found"}'),
        http("401 Unauthorized", "application/json", '"I\'m alive!"'),
        http("200 OK", "application/json", '"I\'m alive!"' + " " * 10_000),
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
    ],
)
def test_anything_else_is_not_litellm(answer: bytes) -> None:
    """Only status 200 with exactly LiteLLM's JSON string counts, and nobody else is sent a credential."""
    heard: list[bytes] = []
    with serving(answer, heard) as port:
        (result,) = probed([Origin("http", "127.0.0.1", port)])
    assert result.outcome == "other"
    assert len(heard) == 1
    assert b"uthorization" not in heard[0]


def timed(origins: Sequence[Origin], seconds: float = 5) -> tuple[set[str], float]:
    """The outcomes of a probe, and how many seconds it took."""
    started = time.monotonic()
    results = probed(origins, seconds)
    return {result.outcome for result in results}, time.monotonic() - started


def test_dead_ports_end_at_once_and_silent_ones_together() -> None:
    """A refused connection needs no waiting; three that never answer take as long as one, and not longer than told."""
    with ExitStack() as stack:
        ports = [stack.enter_context(serving(None, [])) for _ in range(3)]
        silent = [Origin("http", "127.0.0.1", port) for port in ports]
        outcome, one = timed(silent[:1])
        outcomes, three = timed(silent)
        _, hurried = timed(silent, seconds=0.1)
    assert outcome == outcomes == {"silent"}
    assert three < 1.4 * one
    assert hurried < one / 2
    outcomes, dead = timed(loopback((closed_port(), closed_port(), closed_port())))
    assert outcomes == {"nothing"}
    assert dead < one / 2


def test_results_come_in_the_order_asked() -> None:
    """A slow first port does not lose its rank to a quick second one."""
    with example_proxy() as (port, _), serving(None, []) as silent:
        origins = [Origin("http", "127.0.0.1", silent), Origin("http", "127.0.0.1", port)]
        assert [result.outcome for result in probed(origins)] == ["silent", "litellm"]


def test_the_name_localhost_is_never_asked() -> None:
    """Only literals are probed: the name may lead to somebody else on the other one."""
    assert {origin.host for origin in loopback((4000,))} == {"127.0.0.1", "::1"}
