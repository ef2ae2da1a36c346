"""A proxy of the test's own making on loopback."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "sk-test-of-the-servers"


@contextmanager
def proxy(
    models: list[Any], info: list[Any] | None = None, *, prefix: str = "", port: int = 0, delay: float = 0
) -> Iterator[tuple[int, list[str]]]:
    """An open LiteLLM that lists ``models`` (ids or whole entries) and describes them by ``info``.

    Gives its port and the list of what it was asked, each as the path and the Authorization header.
    """
    entries = [{"id": model} if isinstance(model, str) else model for model in models]
    answers: dict[str, Any] = {
        "/health/liveliness": "I'm alive!",
        "/public/model_hub/info": {"litellm_version": "1.106.2"},
        "/v1/models": {"data": entries, "object": "list"},
        "/v1/model/info": {"data": info if info is not None else []},
    }
    with answering({prefix + path: answer for path, answer in answers.items()}, port=port, delay=delay) as served:
        yield served


@contextmanager
def answering(
    answers: Mapping[str, Any], *, port: int = 0, status: Mapping[str, int] | None = None, delay: float = 0
) -> Iterator[tuple[int, list[str]]]:
    """A server that answers these paths with JSON and any other with 404; see ``proxy``.

    ``status`` has the paths that are not answered with 200, ``delay`` the seconds before the list of models.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers['Authorization']}")
            known = self.path in answers
            data = json.dumps(answers[self.path] if known else {"detail": "Not Found"}).encode()
            if self.path.endswith("/v1/models"):
                time.sleep(delay)
            self.send_response((status or {}).get(self.path, 200 if known else 404))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
            """Stay quiet."""

    with LoopbackServer(Handler, port) as server:
        yield server.server_port, asked


def described(model_id: str, **info: Any) -> dict[str, Any]:
    """An entry of ``/v1/model/info``."""
    return {"model_name": model_id, "litellm_params": {"model": model_id}, "model_info": info}
