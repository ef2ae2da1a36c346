"""What tests with processes and sockets share: a server for a while, and the homes of a person."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class LoopbackServer(ThreadingHTTPServer):
    """An HTTP server on 127.0.0.1 that serves while its `with` block lasts."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        # A short poll, because closing waits for it.
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join(timeout=10)
        self.server_close()

    @property
    def base_url(self) -> str:
        """The server's address; it has no `/v1`."""
        return f"http://127.0.0.1:{self.server_port}"


def homes(root: Path) -> dict[str, str]:
    """An environment from scratch in which everything of a person is below `root`."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(root / "home"),
        "XDG_CONFIG_HOME": str(root / "config"),
        "XDG_DATA_HOME": str(root / "data"),
        "XDG_CACHE_HOME": str(root / "cache"),
        "XDG_STATE_HOME": str(root / "state"),
    }
