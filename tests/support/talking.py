"""A proxy of the test's own making whose models answer, or do not."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

LIMIT_S = 20.0
SECRET_TEXT = "the text of an answer is nobody's business"


@dataclass(frozen=True, slots=True)
class Talk:
    """One answer of a model: a usage or any other JSON, the status, more fields of its header, or a fault.

    Faults are ``silence``, ``drip`` (a byte from time to time), ``flood`` (without an end), ``garbage``, ``hang up``.
    """

    usage: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its path, its Authorization, and its body."""

    path: str
    key: str | None
    body: dict[str, Any]


@contextmanager
def talking(
    info: Mapping[str, dict[str, Any]], answer: Callable[[int, Asked], Talk], *, port: int = 0
) -> Iterator[tuple[int, list[Asked]]]:
    """A LiteLLM with these models and their ``model_info``; ``answer`` gets the number of a question, from 1."""
    described = [{"model_name": each, "litellm_params": {}, "model_info": fields} for each, fields in info.items()]
    lists: dict[str, Any] = {
        "/health/liveliness": "I'm alive!",
        "/public/model_hub/info": {"litellm_version": "1.106.2"},
        "/v1/models": {"data": [{"id": each} for each in info]},
        "/v1/model/info": {"data": described},
    }
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200 if self.path in lists else 404, json.dumps(lists.get(self.path)).encode(), {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(Asked(self.path, self.headers["Authorization"], body))
            talk = answer(len(asked), asked[-1])
            with suppress(OSError):
                _FAULTS.get(talk.fault, _nothing)(self)
                if not talk.fault:
                    said = {"id": "x", "choices": [{"message": {"content": SECRET_TEXT}}], "usage": talk.usage}
                    self._send(talk.status, json.dumps(said).encode(), talk.headers)

        def _send(self, status: int, data: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            fields = {"Content-Type": "application/json", "Content-Length": str(len(data)), "Set-Cookie": "a=b"}
            for name, value in {**fields, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            """Stay quiet."""

    with LoopbackServer(Handler, port) as server:
        yield server.server_port, asked


def _nothing(_handler: BaseHTTPRequestHandler) -> None:
    """No fault."""


def _silence(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.settimeout(LIMIT_S)
    handler.rfile.read(1)


def _head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")


def _drip(handler: BaseHTTPRequestHandler) -> None:
    _head(handler)
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        handler.wfile.write(b" ")
        time.sleep(0.05)


def _flood(handler: BaseHTTPRequestHandler) -> None:
    _head(handler)
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        handler.wfile.write(b'{"a":' * 10_000)


def _garbage(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\xff\x1b[2J" * 100)


_FAULTS: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "silence": _silence,
    "drip": _drip,
    "flood": _flood,
    "garbage": _garbage,
    "hang up": _nothing,
}
