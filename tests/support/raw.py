"""A server that sends exactly the bytes that a test wants, right or wrong."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Serve = "Callable[[socket.socket], None]"

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"

_GOOD: Mapping[str, Any] = {
    "/health/liveliness": "I'm alive!",
    "/public/model_hub/info": {"litellm_version": "1.106.2"},
    "/v1/models": {"data": [{"id": "good"}]},
    "/v1/model/info": {"data": [{"model_name": "good", "model_info": {"mode": "chat"}}]},
}


def sending(*pieces: bytes) -> Callable[[socket.socket], None]:
    """Sends these bytes."""
    return lambda connection: connection.sendall(b"".join(pieces))


def body(data: bytes, *headers: bytes) -> Callable[[socket.socket], None]:
    """Answers 200 with this body, which ends with the connection."""
    return sending(HEAD, *(header + b"\r\n" for header in headers), b"\r\n", data)


def endless(start: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Sends a start, then a piece again and again for as long as the other end takes it."""

    def serve(connection: socket.socket) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return serve


@contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener on loopback; gives its port. Each connection is talked to in a thread of its own, and then closed.

    What the other end does not want to read is no failure.
    """

    def meet(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                threading.Thread(target=meet, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join(10)


@contextmanager
def serving(answers: Mapping[str, Callable[[socket.socket], None]]) -> Iterator[tuple[int, list[str]]]:
    """A small good LiteLLM on loopback, except for the paths in ``answers``; gives its port and what it was asked."""
    good = {path: body(json.dumps(value).encode()) for path, value in _GOOD.items()}
    asked: list[str] = []

    def talk(connection: socket.socket) -> None:
        request = connection.recv(65536).decode("latin-1")
        path = request.partition(" ")[2].partition(" ")[0]
        asked.append(path)
        {**good, **answers}.get(path, sending(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))(connection)
        connection.shutdown(socket.SHUT_WR)

    with listening(talk) as port:
        yield port, asked
