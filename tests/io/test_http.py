from __future__ import annotations

import gzip
import socket
import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from raw import listening

from litellm_discover.core.origin import Origin
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError, DeadlineError, DiscoverError, ProxyNotFoundError
from litellm_discover.io.connection import Connection
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.http import ProxyClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from litellm_discover.core.answers import Answer

KEY = "sk-test-http"
Serve = "Callable[[socket.socket, bytes], None]"


@contextmanager
def heard_by(serve: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[Origin, list[bytes]]]:
    """A raw server on loopback: each connection's request is kept, then ``serve`` does what it likes."""
    requests: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        requests.append(connection.recv(65536))
        serve(connection, requests[-1])

    with listening(talk) as port:
        yield Origin("http", "127.0.0.1", port), requests


def answering(head: str, body: bytes = b"") -> Callable[[socket.socket, bytes], None]:
    """A server that sends these bytes and closes."""
    return lambda connection, _: connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)


def get(origin: Origin, *, seconds: float = 5, max_bytes: int = 1000, credential: bool = True) -> Answer:
    """One GET of ``/x``."""
    with Connection(origin, Deadline.after(seconds)) as connection:
        ask = ProxyClient(connection, key=KEY, headers={"X-Gate": "g"})
        return ask("/x", credential=credential, max_bytes=max_bytes)


# A gzip header and 400 blocks of five bytes each that hold nothing.
EMPTY_BLOCKS = b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\0\0\0\xff\xff" * 400

JSON_HEAD = "HTTP/1.1 200 OK\nContent-Type: application/json\nConnection: close\n"


def test_an_answer_is_read_whole() -> None:
    """Status, type and body arrive; the request names our encoding and carries the credential."""
    with heard_by(answering(JSON_HEAD, b'{"a": 1}')) as (origin, requests):
        answer = get(origin)
    assert (answer.status, answer.content_type, answer.json()) == (200, "application/json", {"a": 1})
    (request,) = requests
    assert request.startswith(b"GET /x HTTP/1.1\r\n")
    assert f"Bearer {KEY}".encode() in request
    assert b"X-Gate: g" in request
    assert b"Accept-Encoding: gzip\r\n" in request


def test_without_credential_nothing_of_the_person_is_sent() -> None:
    """Neither the key nor the person's headers go to somebody who has not shown who they are."""
    with heard_by(answering(JSON_HEAD, b"1")) as (origin, requests):
        get(origin, credential=False)
    assert KEY.encode() not in requests[0]
    assert b"X-Gate" not in requests[0]


def test_the_path_prefix_is_kept() -> None:
    """A proxy below a prefix is asked below it."""
    with heard_by(answering(JSON_HEAD, b"1")) as (origin, requests):
        get(Origin("http", origin.host, origin.port, "/litellm"))
    assert requests[0].startswith(b"GET /litellm/x ")


def test_gzip_is_decoded() -> None:
    """A compressed body is the same body."""
    body = gzip.compress(b'"hello"')
    with heard_by(answering(JSON_HEAD + "Content-Encoding: gzip\n", body)) as (origin, _):
        assert get(origin).json() == "hello"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (JSON_HEAD, b"x" * 1001),
        (JSON_HEAD + "Content-Encoding: gzip\n", gzip.compress(b"\0" * 50_000_000)),
        (JSON_HEAD + "Content-Encoding: gzip\n", gzip.compress(b"1")[:-4]),
        (JSON_HEAD + "Content-Encoding: gzip\n", b"not gzip"),
        (JSON_HEAD + "Content-Encoding: gzip\n", gzip.compress(b"1") + b"x" * 100_000),
        (JSON_HEAD + "Content-Encoding: gzip\n", gzip.compress(b"1") * 2),
        (JSON_HEAD + "Content-Encoding: gzip\n", EMPTY_BLOCKS),
        (JSON_HEAD + "Content-Encoding: deflate\n", zlib.compress(b"1")),
        (JSON_HEAD + "Content-Encoding: gzip, gzip\n", gzip.compress(gzip.compress(b"1"))),
        (JSON_HEAD + "Content-Length: 3622\n", b'{"data":['),
        ("HTTP/9.9 what\n", b""),
        ("nonsense\n", b""),
    ],
    ids=[
        *("too-long", "bomb", "cut-gzip", "no-gzip", "gzip-and-more", "two-gzips", "empty-blocks"),
        *("deflate", "twice", "cut", "version", "nonsense"),
    ],
)
def test_answers_that_cannot_be_used(head: str, body: bytes) -> None:
    """Too much, cut short, wrongly packed or no HTTP at all: our own error, and never partial data."""
    with heard_by(answering(head, body)) as (origin, _), pytest.raises(AnswerError):
        get(origin)


@pytest.mark.parametrize("status", [401, 500])
@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", b"x" * 3_000_000),
        ("Content-Encoding: gzip\n", gzip.compress(b"\0" * 50_000_000)),
        ("Content-Encoding: gzip\n", b"not gzip"),
        ("Content-Encoding: br\n", b"x"),
        ("Content-Length: 3622\n", b"cut"),
    ],
    ids=["long", "bomb", "no-gzip", "encoding", "cut"],
)
def test_what_is_no_200_is_its_status(status: int, head: str, body: bytes) -> None:
    """However long, odd or cut the body is: a refused key must not look like a proxy that cannot be understood."""
    sent = f"HTTP/1.1 {status} No\nContent-Type: text/plain\nConnection: close\n{head}"
    with heard_by(answering(sent, body)) as (origin, _):
        answer = get(origin)
    assert answer.status == status
    assert len(answer.body) <= MAX_PIECE + 65536


def test_a_bomb_is_not_unpacked() -> None:
    """What is decoded is bounded by the cap, whatever the body would unpack to."""
    import tracemalloc

    body = gzip.compress(b"\0" * 100_000_000)
    with heard_by(answering(JSON_HEAD + "Content-Encoding: gzip\n", body)) as (origin, _):
        tracemalloc.start()
        try:
            with pytest.raises(AnswerError):
                get(origin, max_bytes=100_000)
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    """The other origin hears nothing, and above all no key."""
    with heard_by(answering(JSON_HEAD, b"1")) as (other, others):
        head = f"HTTP/1.1 307 Elsewhere\nLocation: {other.root}/x\nContent-Length: 0\n"
        with heard_by(answering(head)) as (origin, _):
            assert get(origin).status == 307
    assert others == []


def test_cookies_are_neither_kept_nor_sent() -> None:
    """What one listener sets, another one on another port would be sent."""
    serve = answering(JSON_HEAD + "Set-Cookie: spy=1; Path=/\n", b"1")
    with heard_by(serve) as (first, heard), heard_by(serve) as (second, heard_too):
        for origin in (first, second):
            with Connection(origin, Deadline.after(5)) as connection:
                for _ in range(2):
                    ProxyClient(connection)("/x", credential=True, max_bytes=100)
    assert len(heard + heard_too) == 4
    assert not [request for request in heard + heard_too if b"ookie" in request]


def drip(connection: socket.socket, _request: bytes) -> None:
    """A body that comes a byte at a time, for longer than anybody waits."""
    connection.sendall(JSON_HEAD.replace("\n", "\r\n").encode() + b"\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


def drip_headers(connection: socket.socket, _request: bytes) -> None:
    """A header that comes a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def hints(connection: socket.socket, _request: bytes) -> None:
    """Early hints without end."""
    for _ in range(100):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        time.sleep(0.05)


def silence(connection: socket.socket, _request: bytes) -> None:
    """Accepts and says nothing."""
    connection.recv(1)


@pytest.mark.parametrize("serve", [drip, drip_headers, hints, silence])
def test_the_deadline_covers_the_whole_answer(serve: Callable[[socket.socket, bytes], None]) -> None:
    """However slowly bytes come, the wait ends when the time is up, and not per read."""
    with heard_by(serve) as (origin, _):
        started = time.monotonic()
        with pytest.raises(DeadlineError):
            get(origin, seconds=0.3)
        assert time.monotonic() - started < 2


def test_nobody_there() -> None:
    """A closed port is told from a proxy that answers badly."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ProxyNotFoundError):
        get(Origin("http", "127.0.0.1", port))


def test_proxies_and_netrc_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pytest.TempPathFactory
) -> None:
    """HTTP_PROXY and its kin would get the key; an unusable one would stop the client."""
    with heard_by(answering(JSON_HEAD, b"2")) as (middle, heard), heard_by(answering(JSON_HEAD, b"1")) as (origin, _):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, middle.root)
        assert get(origin).json() == 1
        monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1")
        monkeypatch.setenv("HTTP_PROXY", "::bad::")
        assert get(origin).json() == 1
    assert heard == []


def test_no_error_holds_the_key() -> None:
    """One that the library would quote: our texts and their causes never have it, and nothing of it is sent."""
    with (
        heard_by(answering(JSON_HEAD, b"1")) as (origin, heard),
        Connection(origin, Deadline.after(2)) as connection,
        pytest.raises(DiscoverError) as refused,
    ):
        ProxyClient(connection, key="sk-bad\nX: y")("/x", credential=True, max_bytes=10)
    assert not any(heard)
    assert "sk-bad" not in f"{refused.value}{refused.value.hint}{refused.value.__cause__}"
    assert refused.value.__suppress_context__
