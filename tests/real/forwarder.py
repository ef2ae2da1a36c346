"""Stands before a proxy and records every byte that a client sends it."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler

from loopback import LoopbackServer

LIMIT_S = 60


class Forwarder(LoopbackServer):
    """The recorder; a context manager. `base_url` stands for the proxy on `target`."""

    def __init__(self, target: int) -> None:
        super().__init__(_Handler)
        self.target = target
        self._lock = threading.Lock()
        self._seen: list[str] = []

    @property
    def port(self) -> int:
        """Where to connect instead of the proxy."""
        return self.server_port

    def record(self, request: str) -> None:
        with self._lock:
            self._seen.append(request)

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()

    def text(self) -> str:
        """Everything that arrived: request lines, headers and bodies."""
        with self._lock:
            return "\n".join(self._seen)

    def requests(self) -> list[str]:
        """Each request in order: the line with method and path, the headers, an empty line, the body."""
        with self._lock:
            return [*self._seen]

    def paths(self) -> list[str]:
        """Method and path of each request, in order."""
        with self._lock:
            return [" ".join(request.split(" ", 2)[:2]) for request in self._seen]


class _Handler(BaseHTTPRequestHandler):
    timeout = LIMIT_S
    server: Forwarder

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is inherited
        """Stay quiet."""

    def do_GET(self) -> None:
        self._forward(b"")

    def do_POST(self) -> None:
        self._forward(self.rfile.read(int(self.headers.get("content-length") or 0)))

    def _forward(self, body: bytes) -> None:
        headers = "".join(f"{name}: {value}\n" for name, value in self.headers.items())
        self.server.record(f"{self.command} {self.path} HTTP\n{headers}\n{body.decode('utf-8', 'replace')}")
        connection = http.client.HTTPConnection("127.0.0.1", self.server.target, timeout=LIMIT_S)
        try:
            connection.request(self.command, self.path, body or None, dict(self.headers.items()))
            response = connection.getresponse()
            data = response.read()
            self.send_response(response.status)
            for name in ("content-type", "content-encoding"):
                if value := response.headers.get(name):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        finally:
            connection.close()
