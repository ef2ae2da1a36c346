"""Small requests for who watches a proxy all day: a fraction of what the client in ``http`` costs.

The rules are the same: no proxy of the environment, no redirect, no cookie; a deadline for the whole, and a limit for
what is read. It asks in HTTP/1.0, so that one connection is one answer, whole.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import quote

import anyio

from litellm_discover.core.answers import USER_AGENT, Answer

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping

    from anyio.abc import ByteStream

    from litellm_discover.core.origin import Origin

_SMALL = 4096
_HEAD = 32 * 1024
_LIST = 4 * 1024 * 1024

# How a connection fails: refused, reset, no such name, no TLS, a name that no resolver takes. SSLError is an OSError.
_FAILURES = (
    OSError,
    UnicodeError,
    ValueError,
    anyio.EndOfStream,
    anyio.BrokenResourceError,
    anyio.ClosedResourceError,
    TimeoutError,
)


async def ask(origin: Origin, path: str, seconds: float, tls: ssl.SSLContext | None) -> Answer | None:
    """The beginning of the answer to a request without any credential; None when there is none in time."""
    body = bytearray()

    def take(piece: bytes) -> bool:
        body.extend(piece)
        return len(body) < _SMALL

    head = await _within(seconds, _exchange(origin, _request(origin, path, {}), tls, take))
    return Answer(path, *head, bytes(body[:_SMALL])) if head else None


async def digest(
    origin: Origin, path: str, headers: Mapping[str, str], seconds: float, tls: ssl.SSLContext | None
) -> str | None:
    """What tells one answer from another, made of its status and its body; None when there is none in time."""
    mark = hashlib.sha256()
    size = 0

    def take(piece: bytes) -> bool:
        nonlocal size
        mark.update(piece)
        size += len(piece)
        return size < _LIST

    head = await _within(seconds, _exchange(origin, _request(origin, path, headers), tls, take))
    if head is None:
        return None
    # A refusal can hold a time or a number of its own.
    return f"200:{mark.hexdigest()}" if head[0] == 200 else str(head[0])


async def _within(seconds: float, exchange: Awaitable[tuple[int, str]]) -> tuple[int, str] | None:
    try:
        with anyio.fail_after(seconds):
            return await exchange
    except _FAILURES:
        return None


async def _exchange(
    origin: Origin, request: bytes, tls: ssl.SSLContext | None, take: Callable[[bytes], bool]
) -> tuple[int, str]:
    """Status and type of an answer; its body goes to ``take`` while that wants more. Raises one of ``_FAILURES``."""
    stream = await _connect(origin, tls)
    try:
        await stream.send(request)
        status, fields, rest = await _head(stream)
        await _body(stream, rest, fields.get("content-length", ""), take)
    finally:
        await anyio.aclose_forcefully(stream)
    return status, fields.get("content-type", "")


async def _connect(origin: Origin, tls: ssl.SSLContext | None) -> ByteStream:
    if origin.scheme == "http":
        return await anyio.connect_tcp(origin.host, origin.port)
    return await anyio.connect_tcp(origin.host, origin.port, tls=True, ssl_context=tls, tls_standard_compatible=False)


def _request(origin: Origin, path: str, headers: Mapping[str, str]) -> bytes:
    host = origin.root.partition("://")[2].removesuffix(origin.prefix)
    lines = [
        f"GET {quote(origin.prefix + path, safe='/%')} HTTP/1.0",
        f"Host: {host.encode('idna').decode() if not host.isascii() else host}",
        f"User-Agent: {USER_AGENT}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "Accept: application/json",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _head(stream: ByteStream) -> tuple[int, dict[str, str], bytes]:
    """Status, fields, and what came of the body with them."""
    data = b""
    while b"\r\n\r\n" not in data:
        if len(data) > _HEAD:
            raise ValueError
        data += await stream.receive(_HEAD)
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    version, status, *_ = first.split(" ")
    if not version.startswith("HTTP/1."):
        raise ValueError
    parts = (line.partition(":") for line in lines)
    return int(status), {name.strip().lower(): value.strip() for name, _, value in parts}, rest


async def _body(stream: ByteStream, rest: bytes, length: str, take: Callable[[bytes], bool]) -> None:
    """Up to its length, or to the end of the connection. Raises EndOfStream when it is cut off."""
    left = int(length) if length.isdecimal() else None
    while take(rest) and (left is None or left > len(rest)):
        left = None if left is None else left - len(rest)
        try:
            rest = await stream.receive()
        except anyio.EndOfStream:
            if left is not None:
                raise
            return
