"""A stand-in for a LiteLLM of any size, which answers at once: what is measured is who asks, not who answers."""

from __future__ import annotations

import itertools
import json
import socket
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from loopback import LoopbackServer

from recordings import body

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "sk-bench"

# What LiteLLM 1.106.2 answered for the 30 models of a common local setup.
_RECORDED = "v1.106.2/seed004_key__right"


@contextmanager
def proxy(models: int, *, described: bool = True, port: int = 0) -> Iterator[str]:
    """A proxy that lists and describes so many models; gives its address, without `/v1`."""
    with LoopbackServer(_handler(bodies(models, described=described)), port) as server:
        yield server.base_url


@contextmanager
def silent(port: int = 0) -> Iterator[str]:
    """The address of something that accepts connections and never answers."""
    # All that was ever asked waits in the backlog; beyond it, not even a connection would be made.
    with socket.create_server(("127.0.0.1", port), backlog=2048) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def closed() -> str:
    """An address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def bodies(models: int, *, described: bool = True) -> dict[str, bytes]:
    """The answer of each path."""
    listed, info = entries(models)
    answers: dict[tuple[str, ...], Any] = {
        ("/health/liveliness", "/health/liveness"): "I'm alive!",
        ("/public/model_hub/info",): {"litellm_version": "1.106.2"},
        ("/v1/models", "/models"): {"data": [*listed], "object": "list"},
        ("/v1/model/info", "/model/info"): {"data": [*info] if described else []},
    }
    dumped = ((paths, json.dumps(answer, separators=(",", ":")).encode()) for paths, answer in answers.items())
    return {path: data for paths, data in dumped for path in paths}


def entries(models: int) -> tuple[Iterator[dict[str, Any]], Iterator[dict[str, Any]]]:
    """The entries of the list and of the descriptions: the recorded models, and the same again as other teams'."""
    listed, info = (body(f"{_RECORDED}/GET_v1_{name}")["data"] for name in ("models", "model_info"))
    return _repeated(listed, "id", models), _repeated(info, "model_name", models)


def _repeated(entries: list[dict[str, Any]], name: str, count: int) -> Iterator[dict[str, Any]]:
    endless = ((number, entry) for number in itertools.count() for entry in entries)
    for number, entry in itertools.islice(endless, count):
        yield {**entry, name: f"team-{number:03d}/{entry[name]}" if number else entry[name]}


def _handler(answers: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = answers.get(self.path.partition("?")[0])
            self.send_response(404 if data is None else 200)
            data = data or b'{"detail":"Not Found"}'
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            """Stay quiet."""

    return Handler
