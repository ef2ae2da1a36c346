"""Small requests: what is sent, what counts as an answer, and what never takes longer than its time."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from litellm_discover.core.origin import Origin
from litellm_discover.io import glance

if TYPE_CHECKING:
    from collections.abc import Iterator

ALIVE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n"I\'m alive!"'
SECONDS = 1.0


@contextmanager
def raw(*pieces: bytes, pause: float = 0, keep: bool = False) -> Iterator[tuple[Origin, list[bytes]]]:
    """A listener that answers every connection with these bytes; ``keep`` leaves the connection open."""
    asked: list[bytes] = []
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            held.append(connection)
            asked.append(connection.recv(65536))
            try:
                for piece in pieces:
                    connection.sendall(piece)
                    time.sleep(pause)
            except OSError:
                pass
            if not keep:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield Origin("http", "127.0.0.1", listener.getsockname()[1], "/pre fix"), asked
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            for connection in held:
                connection.close()


def ask(origin: Origin, path: str = "/health/liveliness") -> tuple[int, str, bytes] | None:
    """Status, type and body of an answer, if there is one."""
    answer = glance.ask(origin, path, SECONDS)
    return None if answer is None else (answer.status, answer.content_type, answer.body)


def digest(origin: Origin, headers: dict[str, str] | None = None) -> str | None:
    """The digest of the list."""
    return glance.digest(origin, "/v1/models", headers or {}, SECONDS)


def test_what_is_sent_is_short_and_holds_no_credential() -> None:
    """One answer for one connection, the prefix as a URL has it, and no header of the person's."""
    with raw(ALIVE) as (origin, asked):
        assert ask(origin) == (200, "application/json", b'"I\'m alive!"')
    assert asked[0].splitlines()[0] == b"GET /pre%20fix/health/liveliness HTTP/1.1"
    assert asked[0].splitlines()[1] == f"Host: 127.0.0.1:{origin.port}".encode()
    assert asked[0].splitlines()[2] == b"User-Agent: litellm-discover"
    assert b"uthorization" not in asked[0]
    assert asked[0].endswith(b"\r\n\r\n")


def test_the_connection_need_not_end_when_the_length_is_known() -> None:
    """A server that keeps it open does not cost the whole time."""
    with raw(ALIVE, keep=True) as (origin, _):
        assert ask(origin) is not None


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param((), id="nothing"),
        pytest.param((b"SSH-2.0-OpenSSH\r\n\r\n",), id="not HTTP"),
        pytest.param((b"HTTP/1.1 abc\r\n\r\n",), id="no status"),
        pytest.param((b"HTTP/1.1\r\n\r\n",), id="no status at all"),
        pytest.param((ALIVE[:-1],), id="cut off"),
        pytest.param((b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 100_000,), id="a head without end"),
        pytest.param((b"\xff\xfe\x00\r\n\r\n",), id="no text"),
    ],
)
def test_garbage_is_no_answer(pieces: tuple[bytes, ...]) -> None:
    """None, and no exception: the daemon lives on."""
    with raw(*pieces) as (origin, _):
        assert ask(origin) is None
        assert digest(origin) is None


def test_a_drip_does_not_outlast_its_time() -> None:
    """One deadline for the whole, as in the other client."""
    with raw(*(bytes([byte]) for byte in ALIVE), pause=0.2) as (origin, _):
        started = time.monotonic()
        assert ask(origin) is None
        assert time.monotonic() - started < SECONDS * 3


def test_a_digest_tells_lists_apart_and_refusals_by_their_status_alone() -> None:
    """A refusal can hold a time or a number of its own."""
    ok = b"HTTP/1.0 200 OK\r\nDate: %d\r\n\r\n%b"
    marks = []
    for answer in (ok % (1, b"a"), ok % (2, b"a"), ok % (1, b"b"), ok.replace(b"200", b"401") % (1, b"x")):
        with raw(answer) as (origin, asked):
            marks.append(digest(origin, {"Authorization": "Bearer sk-1"}))
            assert b"\r\nAuthorization: Bearer sk-1\r\n" in asked[0]
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3
    assert marks[3] == "401"


def test_an_answer_without_end_is_read_up_to_a_limit() -> None:
    """Neither all of the memory nor all of the time."""
    endless = (b"x" * 1_000_000 for _ in range(8))
    with raw(b"HTTP/1.0 200 OK\r\n\r\n", *endless) as (origin, _):
        answer = ask(origin)
        assert answer is not None
        assert len(answer[2]) == 4096


def test_nobody_there_is_no_answer() -> None:
    """Refused, and a host that has no name."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert ask(Origin("http", "127.0.0.1", port)) is None
    assert ask(Origin("http", "a..b", 80)) is None
