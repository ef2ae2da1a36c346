"""One connection: when it is used again, and what never gets from one answer into the next."""

from __future__ import annotations

import http.client
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from raw import listening

from litellm_discover.core.origin import Origin
from litellm_discover.io.connection import Connection
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator
    from io import BufferedReader

KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def answering(*answers: bytes, hang_up: bool = False) -> Iterator[tuple[Origin, list[list[bytes]]]]:
    """A server that gives one answer after the other, whichever connection they are asked on; gives what each heard."""
    left = [*answers]
    heard: list[list[bytes]] = []

    def talk(connection: socket.socket) -> None:
        requests: list[bytes] = []
        heard.append(requests)
        with connection.makefile("rb") as stream:
            while request := whole_request(stream):
                requests.append(request)
                connection.sendall(left.pop(0))
                if hang_up:
                    return

    with listening(talk) as port:
        yield Origin("http", "127.0.0.1", port, "/a b"), heard


def whole_request(stream: BufferedReader) -> bytes:
    """The next request with its body, which comes in a piece of its own; nothing when the other end hung up."""
    head = b""
    while (line := stream.readline()) not in {b"\r\n", b""}:
        head += line
    length = re.search(rb"^Content-Length: (\d+)", head, re.MULTILINE)
    return head + line + stream.read(int(length[1]) if length else 0)


def bodies(origin: Origin, count: int, *, read: bool = True) -> list[bytes]:
    """What so many requests on one connection give."""
    found = []
    with Connection(origin, Deadline.after(5)) as connection:
        for _ in range(count):
            with connection.exchange("GET", "/x?y=%2F&z=1", {"X-A": "1"}) as response:
                found.append(b"".join(iter(lambda: response.read(10), b"")) if read else b"")
    return found


def test_a_connection_is_used_again_while_it_lasts() -> None:
    """Three answers, with a length and in chunks, on one connection; each request in the form that HTTP wants."""
    with answering(KEPT + b"ab", CHUNKED + b"1\r\nc\r\n1\r\nd\r\n0\r\n\r\n", KEPT + b"ef") as (origin, heard):
        assert bodies(origin, 3) == [b"ab", b"cd", b"ef"]
    (requests,) = heard
    head = f"Host: 127.0.0.1:{origin.port}\r\nUser-Agent: litellm-discover\r\nX-A: 1"
    lines = f"GET /a%20b/x?y=%2F&z=1 HTTP/1.1\r\n{head}\r\n\r\n"
    assert requests == [lines.encode()] * 3


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(KEPT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"ab", id="the answer says so"),
        pytest.param(KEPT.replace(b"1.1", b"1.0") + b"ab", id="an old version"),
        pytest.param(KEPT + b"abHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", id="more than an answer"),
    ],
)
def test_a_connection_is_not_used_again(first: bytes) -> None:
    """What nobody asked for must not pass for the answer to the next request."""
    with answering(first, KEPT + b"cd") as (origin, heard):
        assert bodies(origin, 2) == [b"ab", b"cd"]
    assert [len(requests) for requests in heard] in ([1, 1], [2])


def test_a_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    """A server may hang up after an answer without saying so before."""
    with (
        answering(KEPT + b"ab", KEPT + b"cd", hang_up=True) as (origin, heard),
        Connection(origin, Deadline.after(5)) as connection,
    ):
        for expected in (b"ab", b"cd"):
            with connection.exchange("GET", "/x", {}) as response:
                assert response.read(10) == expected
            threading.Event().wait(0.2)
    assert [len(requests) for requests in heard] == [1, 1]


def test_what_is_left_of_an_answer_does_not_begin_the_next() -> None:
    """Whoever stops reading gets another connection."""
    with answering(KEPT + b"ab", KEPT + b"cd") as (origin, heard):
        bodies(origin, 2, read=False)
    assert [len(requests) for requests in heard] == [1, 1]


def test_announcements_are_skipped() -> None:
    """Any number of answers before the answer."""
    hints = b"HTTP/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 3
    with answering(hints + KEPT + b"ab") as (origin, _):
        assert bodies(origin, 1) == [b"ab"]


@pytest.mark.parametrize("name", ["X-A\r\nX", "X A", ""])
def test_a_header_that_http_does_not_allow_is_not_sent(name: str) -> None:
    """Neither is it quoted."""
    with answering(KEPT + b"ab") as (origin, heard), Connection(origin, Deadline.after(5)) as connection:
        headers = {name: "sk-x\r\nY: 1"}
        with pytest.raises(http.client.HTTPException) as raised, connection.exchange("GET", "/", headers):
            pass
        assert "sk-x" not in str(raised.value)
    assert not any(any(requests) for requests in heard)


def test_a_body_is_sent_with_its_length() -> None:
    """Behind the header."""
    with (
        answering(KEPT + b"ab") as (origin, heard),
        Connection(origin, Deadline.after(5)) as connection,
        connection.exchange("POST", "/x", {}, b"{}") as response,
    ):
        assert response.read(10) == b"ab"
    ((request,),) = heard
    assert request.startswith(b"POST /a%20b/x HTTP/1.1\r\n")
    assert request.endswith(b"Content-Length: 2\r\n\r\n{}")
