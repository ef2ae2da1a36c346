"""A proxy on an ephemeral loopback port that answers as a recorded LiteLLM does: for the demo and for tests."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "sk-example-proxy"


@contextmanager
def example_proxy() -> Iterator[tuple[int, str]]:
    """Run the proxy; gives its port on 127.0.0.1 and the key without which it lists nothing."""
    recorded = json.loads(files("litellm_discover").joinpath("data/example_proxy.json").read_text("utf-8"))
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(recorded)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_port, KEY
        finally:
            server.shutdown()
            thread.join()


def _handler(recorded: Mapping[str, Mapping[str, object]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in recorded["open"]:
                self._answer(200, recorded["open"][self.path])
            elif self.path not in recorded["keyed"]:
                self._answer(404, recorded["not_found"])
            elif self.headers["Authorization"] != f"Bearer {KEY}":
                self._answer(401, recorded["unauthorized"])
            else:
                self._answer(200, recorded["keyed"][self.path])

        def _answer(self, status: int, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            """Nothing: stderr is the person's."""

    return Handler
