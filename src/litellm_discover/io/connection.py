"""One connection to a server, each step of it within one deadline.

The protocol itself is the standard library's. No proxy of the environment, no redirect, no cookie, no netrc.
"""

from __future__ import annotations

import http.client
import selectors
from contextlib import contextmanager
from io import BufferedReader, RawIOBase
from typing import TYPE_CHECKING, Self, cast
from urllib.parse import quote

from litellm_discover.core.answers import USER_AGENT
from litellm_discover.io.stream import connect

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from _typeshed import WriteableBuffer

    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline

PIECE = 64 * 1024


class Connection:
    """Requests to one origin, one after the other until the deadline, on one connection as long as it lasts."""

    def __init__(self, origin: Origin, deadline: Deadline) -> None:
        self.origin = origin
        self.deadline = deadline
        self._http: _Http | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @contextmanager
    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request, its body still to be read; ``path`` is below the root of the origin.

        Raises ProxyNotFoundError when nothing answers, TimeoutError, and else OSError or HTTPException.
        """
        try:
            line = self._http if self._http and self._http.is_quiet() else self._connected()
            headers = {"Host": _host(self.origin), "User-Agent": USER_AGENT, **headers}
            line.ask(method, self.origin.prefix + path, headers, body)
            with line.getresponse() as response:
                yield response
                if response.will_close or not response.isclosed():
                    self._close()
        except BaseException:
            self._close()  # what is left of an answer must not begin the next one
            raise

    def _close(self) -> None:
        if self._http is not None:
            self._http.hang_up()
            self._http = None

    def _connected(self) -> _Http:
        self._close()
        stream = connect(self.origin, self.deadline)
        self._http = _Http(_Stream(stream, self.deadline))
        return self._http


def _host(origin: Origin) -> str:
    host = origin.root.partition("://")[2].removesuffix(origin.prefix)
    return host if host.isascii() else host.encode("idna").decode("ascii")


class _Stream:
    """What the library's client needs of a socket; no step of it goes past the deadline, and whoever made it closes it.

    A timeout of the socket itself counts for each read, which a server that drips never exceeds.
    """

    def __init__(self, stream: socket.socket, deadline: Deadline) -> None:
        self.socket = stream
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self.socket.settimeout(self._deadline.some_left())
        self.socket.sendall(data)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(_Reads(self.socket, self._deadline), PIECE)

    def close(self) -> None:
        """The library closes as soon as the last answer has begun."""


class _Reads(RawIOBase):
    def __init__(self, stream: socket.socket, deadline: Deadline) -> None:
        self._socket = stream
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        self._socket.settimeout(self._deadline.some_left())
        return self._socket.recv_into(buffer)


class _Response(http.client.HTTPResponse):
    """An answer; stricter than the library about lengths, and skips each kind of announcement, not only the first."""

    def begin(self) -> None:
        """Read the header. Raises HTTPException, also for a length that is none, or several (RFC 9112, section 6.3)."""
        super().begin()
        while 100 <= self.status < 200 and self.status != http.client.SWITCHING_PROTOCOLS:
            self.headers = self.msg = None  # type: ignore[assignment] # so it is before the first answer
            super().begin()
        lengths = {length.strip() for length in self.headers.get_all("content-length", [])}
        if len(lengths) > 1 or not all(length.isdecimal() for length in lengths):
            raise http.client.HTTPException


class _Http(http.client.HTTPConnection):
    response_class = _Response
    auto_open = 0

    def __init__(self, stream: _Stream) -> None:
        super().__init__("")
        self._stream = stream
        self.sock = cast("socket.socket", stream)

    def is_quiet(self) -> bool:
        """Whether it can be used once more: nothing was sent by the other end since its answer, and no end either."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._stream.socket, selectors.EVENT_READ)
            return not waiting.select(0)

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> None:
        """Send a request. Raises HTTPException for one that HTTP does not allow, without quoting it."""
        try:
            self.putrequest(method, quote(target, safe="/%?=&:@+,;~"), skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                self.putheader(name, value)
            if body is not None:
                self.putheader("Content-Length", str(len(body)))
            self.endheaders(body)
        except ValueError:  # which quotes the value: a key with a line break in it
            raise http.client.HTTPException from None

    def hang_up(self) -> None:
        self._stream.socket.close()
        self.close()
