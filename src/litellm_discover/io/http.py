"""The only place that sends a key to a proxy.

Decoded bytes are capped while they arrive, and one deadline covers a request from the connection to the last byte of
its body.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager, suppress
from http.client import HTTPException, IncompleteRead
from io import BytesIO
from typing import TYPE_CHECKING

from litellm_discover.core.answers import Answer
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError, DeadlineError
from litellm_discover.io.connection import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from http.client import HTTPResponse

    from litellm_discover.core.origin import Origin
    from litellm_discover.io.connection import Connection
    from litellm_discover.io.deadline import Deadline

_GZIP = 16 + zlib.MAX_WBITS


@contextmanager
def failures(origin: Origin, path: str) -> Iterator[None]:
    """Turn the failures of a request into our own.

    The library's texts can hold what was sent and what came: only the kind of failure goes on.
    """
    try:
        yield
    except TimeoutError:
        raise DeadlineError(
            f"{origin.root} did not answer in time",
            hint="Is the proxy busy or still starting? Try again, or give it longer with --timeout.",
        ) from None
    except (OSError, HTTPException, zlib.error):
        raise AnswerError(
            f"{origin.root} broke off its answer to {path}",
            hint="Is this an HTTP server, and is the scheme (http or https) right?",
        ) from None


class ProxyClient:
    """GETs below the root of a connection's origin; a ``core.answers.Get``."""

    def __init__(
        self, connection: Connection, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self._connection = connection
        self._credential = dict(headers or {})
        if key is not None:
            self._credential["Authorization"] = f"Bearer {key}"

    def __call__(
        self, path: str, *, credential: bool, max_bytes: int, sink: Callable[[bytes], None] | None = None
    ) -> Answer:
        """See ``Get``."""
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"} | (self._credential if credential else {})
        line = self._connection
        with failures(line.origin, path), line.exchange("GET", path, headers) as response:
            return self._read(response, path, max_bytes, sink)

    def _read(self, response: HTTPResponse, path: str, max_bytes: int, sink: Callable[[bytes], None] | None) -> Answer:
        content_type = response.headers.get("content-type", "")
        if response.status != 200:
            return Answer(path, response.status, content_type, self._beginning(response, path))
        body = BytesIO()  # unlike a bytearray it gives its bytes away without a copy
        take = sink or body.write
        size = received = 0
        for sent, piece in pieces(response, path, self._connection.deadline):
            received += sent
            size += len(piece)
            if max(received, size) > max_bytes:
                raise AnswerError(f"{path} answered more than {max_bytes} bytes", hint="Use a key with fewer models.")
            take(piece)
        return Answer(path, response.status, content_type, body.getvalue())

    def _beginning(self, response: HTTPResponse, path: str) -> bytes:
        """What an answer other than 200 begins with: its status counts, however long, odd or cut the rest is."""
        kept = bytearray()
        received = 0
        with suppress(AnswerError, HTTPException, ConnectionError, zlib.error):
            for sent, piece in pieces(response, path, self._connection.deadline):
                kept += piece
                received += sent
                if max(received, len(kept)) > MAX_PIECE:
                    break
        return bytes(kept)


def pieces(
    response: HTTPResponse, path: str, deadline: Deadline, *, accepted: Collection[str] = ("identity", "gzip")
) -> Iterator[tuple[int, bytes]]:
    """The decoded body in small pieces, each with how many bytes were received for it: so a bomb never opens whole.

    Raises AnswerError, HTTPException, OSError and zlib.error.
    """
    encoding = ", ".join(response.headers.get_all("content-encoding", ["identity"])).strip().lower()
    if encoding not in accepted:
        raise AnswerError(f"{path} answered with an encoding that was not asked for")
    decoder = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    for chunk in _chunks(response):
        sent = len(chunk)
        for piece in _decoded(chunk, decoder) if decoder else (chunk,):
            deadline.some_left()  # what is here already is not waited for, and can still take too long
            yield sent, piece
            sent = 0
        if decoder is not None and decoder.unused_data:  # zlib would keep whatever follows
            raise AnswerError(f"{path} answered more than one compressed answer")
    if decoder is not None and not decoder.eof:
        raise AnswerError(f"{path} broke off a compressed answer")


def _chunks(response: HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(PIECE):
        yield chunk
    if response.length:  # the library does not mind when it is read in pieces
        raise IncompleteRead(b"", response.length)


def _decoded(chunk: bytes, decoder: zlib._Decompress) -> Iterator[bytes]:
    piece = decoder.decompress(chunk, PIECE)
    yield piece
    while decoder.unconsumed_tail or len(piece) == PIECE:
        piece = decoder.decompress(decoder.unconsumed_tail, PIECE)
        yield piece
