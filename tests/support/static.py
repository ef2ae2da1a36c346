"""A web server for static files as nginx or a bucket is one, with an ETag for each, and with what can go wrong."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from loopback import LoopbackServer

from litellm_discover.core.facts import facts
from litellm_discover.core.manifest import Listed, Manifest, render_catalog, render_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LIMIT_S = 20.0


@dataclass(slots=True)
class Static:
    """What is served below ``base_url``, and each request so far: its target, the status, and its header as text.

    ``faults`` has, by the name of a file, what goes wrong with it: a status, ``truncated``, ``hanging``, ``packed``,
    ``flipped`` (a letter is another), ``long`` (more than is listed), or an address to be redirected to.
    """

    base_url: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def since(self, start: int = 0) -> list[str]:
        """The requests from one on, like ``200 manifest.json``."""
        return [f"{status} {target.removeprefix('/')}" for target, status in self.asked[start:]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path
    static: Static

    def do_GET(self) -> None:
        """Answer with a file, or with what goes wrong with it."""
        name = self.path.partition("?")[0].removeprefix("/")
        fault = self.static.faults.get(name, "")
        self.static.headers.append(str(self.headers))
        if "://" in fault:
            self._answer(302, b"", Location=f"{fault}/{name}")
        elif fault.isdecimal():
            self._answer(int(fault), b'{"schemaVersion":1}')
        elif fault == "hanging":
            self.static.asked.append((self.path, 0))
            self.static.ending.wait(LIMIT_S)
            self.close_connection = True
        elif (self.folder / name).is_file():
            self._file((self.folder / name).read_bytes(), fault)
        else:
            self._answer(404, b"not here")

    def _file(self, data: bytes, fault: str) -> None:
        etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if self.headers["If-None-Match"] == etag and not fault:
            self._answer(304, b"", ETag=etag)
            return
        sent = {"flipped": data.replace(b"X", b"Y", 1), "long": data + b" " * 4096}.get(fault, data)
        cut = sent[: len(sent) // 2] if fault == "truncated" else sent
        packed = {"Content-Encoding": "gzip"} if fault == "packed" else {}
        self._answer(200, cut, length=len(sent), ETag=etag, **packed)

    def _answer(self, status: int, data: bytes, *, length: int | None = None, **headers: str) -> None:
        self.static.asked.append((self.path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Set-Cookie", "seen=before; Path=/")
        if status != 304:
            self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = length not in {None, len(data)}

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is inherited
        """Stay quiet."""


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Static]:
    """Serve the files of a folder on loopback."""
    static = Static()
    with LoopbackServer(type("Handler", (_Handler,), {"folder": folder, "static": static}), port) as server:
        static.base_url = server.base_url
        try:
            yield static
        finally:
            static.ending.set()


def publish(folder: Path, catalogs: Mapping[str, Mapping[str, object]], **manifest: object) -> None:
    """Put catalogs into a folder, by provider and id the entry, and a manifest whose fields can be others."""
    folder.mkdir(exist_ok=True)
    listed = {}
    for provider, entries in catalogs.items():
        data = render_catalog(provider, {model: facts(entry) for model, entry in entries.items()})
        (folder / f"{provider}.json").write_bytes(data)
        listed[provider] = Listed.of(data, len(entries))
    document = json.loads(render_manifest(Manifest(listed)))
    (folder / "manifest.json").write_text(json.dumps({**document, **manifest}), "utf-8")
