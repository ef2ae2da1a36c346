"""Listeners of any user that answer like LiteLLM, or nearly, and keep every byte that they are sent.

As a program, it becomes the user before it opens its sockets: the kernel notes whose they are.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STRANGER = 65534
LIMIT_S = 10

_MARK = '"I\'m alive!"'
_JSON = "application/json"

# What a listener answers: status, type, body; {} is its model, and for a redirect where it leads.
ANSWERS = {
    "200": ("200 OK", _JSON, '{"data": [{"id": "MODEL"}], "object": "list"}'),
    "401": ("401 Unauthorized", _JSON, '{"error": {"message": "no", "type": "auth_error", "code": "401"}}'),
    "404": ("404 Not Found", _JSON, '{"detail": "Not Found"}'),
    "html": ("200 OK", "text/html", "<html>MODEL</html>"),
    "redirect": ("307 Temporary Redirect", _JSON, "{}"),
}


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener: its place, what it answers to any path, and how it answers the question for LiteLLM's mark.

    ``mark`` is ``yes``, a key of ANSWERS, ``silent`` for nothing at all, or ``garbage``. ``target`` is where its
    redirects lead. ``v6only`` leaves IPv4 to others.
    """

    host: str
    port: int
    answer: str = "200"
    mark: str = "yes"
    target: str = ""
    model: str = "rogue-model"
    v6only: bool = False


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, on either loopback address; lowest first."""
    found: set[int] = set()
    while len(found) < count:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            try:
                socket.create_server(("::1", port), family=socket.AF_INET6).close()
            except OSError:
                continue
            found.add(port)
    return sorted(found)


@contextmanager
def listening(*listeners: Listener, log: Path, uid: int | None = None) -> Iterator[None]:
    """Run listeners in a process of the user ``uid``, or of this one; all that they are sent is in ``log``."""
    spec = json.dumps({"uid": uid, "listeners": [asdict(listener) for listener in listeners]})
    with (
        log.open("ab") as heard,
        subprocess.Popen(
            [sys.executable, "-I", __file__, spec],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=heard,
        ) as process,
    ):
        assert process.stdout
        try:
            assert process.stdout.readline() == b"ready\n", log.read_bytes().decode()
            yield
        finally:
            process.kill()
            process.wait(LIMIT_S)


def leaks(heard: bytes, secret: str) -> int:
    """How often a secret is in these bytes: as it is, or in anything that is Base64."""
    count = heard.count(secret.encode())
    for token in re.findall(rb"[A-Za-z0-9+/_-]{8,}={0,2}", heard):
        try:
            count += base64.b64decode(token, altchars=b"-_").count(secret.encode())
        except binascii.Error:
            continue
    return count


def _serve(server: socket.socket, listener: Listener) -> None:
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_converse, args=(connection, listener), daemon=True).start()


def _converse(connection: socket.socket, listener: Listener) -> None:
    """Keep what arrives, and answer each request on one connection for as long as it is used."""
    pending = b""
    while part := connection.recv(65536):
        os.write(2, part)
        pending += part
        while b"\r\n\r\n" in pending:
            head, _, pending = pending.partition(b"\r\n\r\n")
            answer = _answer(head.split(b" ")[1].decode(), listener)
            if answer:
                connection.sendall(answer)


def _answer(path: str, listener: Listener) -> bytes:
    kind = listener.mark if path.endswith("/health/liveliness") else listener.answer
    if kind in {"silent", "garbage"}:
        return b"" if kind == "silent" else b"SSH-2.0-OpenSSH_9.6\r\n"
    status, content_type, text = ("200 OK", _JSON, _MARK) if kind == "yes" else ANSWERS[kind]
    body = text.replace("MODEL", listener.model)
    location = f"Location: {listener.target}{path}\r\n" if kind == "redirect" else ""
    cookie = "Set-Cookie: stay=here\r\n"
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{location}{cookie}"
    return f"{head}\r\n{body}".encode()


def _main(spec: str) -> None:
    wanted = json.loads(spec)
    if wanted["uid"] is not None:
        os.setgroups([])
        os.setgid(wanted["uid"])
        os.setuid(wanted["uid"])
    for fields in wanted["listeners"]:
        listener = Listener(**fields)
        family = socket.AF_INET6 if ":" in listener.host else socket.AF_INET
        server = socket.socket(family)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a listener that is gone
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(listener.v6only))
        server.bind((listener.host, listener.port))
        server.listen()
        threading.Thread(target=_serve, args=(server, listener), daemon=True).start()
    os.write(1, b"ready\n")
    os.read(0, 1)  # until whoever started this ends


if __name__ == "__main__":
    _main(sys.argv[1])
