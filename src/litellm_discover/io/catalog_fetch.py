"""One file of a remote catalog over HTTP: without any credential, redirect, cookie or proxy of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

from litellm_discover.core.model import Notice
from litellm_discover.errors import AnswerError, ProxyNotFoundError
from litellm_discover.io.catalog_cache import etag_of
from litellm_discover.io.http import pieces

if TYPE_CHECKING:
    from http.client import HTTPResponse

    from litellm_discover.io.connection import Connection

UNREACHABLE, REFUSED, DAMAGED = "catalog_unreachable", "catalog_refused", "catalog_damaged"

_UNREACHED = {"tls_untrusted": "the TLS certificate is not trusted"}


class FetchError(Exception):
    """A file could not be had: a code and what is wrong, as the end of a sentence about that file."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(problem)
        self.notice = Notice(code, problem)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a file and its ETag; ``data`` is None when it is still the one whose ETag was sent."""

    data: bytes | None
    etag: str | None


class Fetcher:
    """GETs below the address of one folder."""

    def __init__(self, folder: Connection) -> None:
        self._folder = folder

    def __call__(self, name: str, *, max_bytes: int, etag: str | None = None, model: str | None = None) -> Fetched:
        """The file of that name. ``model`` is told to the server. Raises FetchError."""
        path = f"/{name}" + (f"?model={quote(model, safe='')}" if model else "")
        # Bytes as they are: what is not packed cannot grow when it is opened.
        headers = {"Accept-Encoding": "identity"} | ({"If-None-Match": etag} if etag else {})
        # The library's texts can hold the address: only the kind of failure goes on.
        try:
            with self._folder.exchange("GET", path, headers) as response:
                return self._read(response, etag, max_bytes)
        except TimeoutError:
            raise FetchError(UNREACHABLE, "it did not come in time") from None
        except ProxyNotFoundError as error:
            raise FetchError(UNREACHABLE, _UNREACHED.get(error.code, "nothing answers there")) from None
        except (OSError, HTTPException):
            raise FetchError(UNREACHABLE, "the answer broke off") from None

    def _read(self, response: HTTPResponse, etag: str | None, max_bytes: int) -> Fetched:
        status = response.status
        if status == 304 and etag:
            return Fetched(None, etag)
        if 300 <= status < 400 and "location" in response.headers:
            raise FetchError(REFUSED, f"the server redirects ({status}), which is not followed")
        if status != 200:
            raise FetchError(REFUSED, f"the server answered {status}")
        body = BytesIO()
        try:
            for _, piece in pieces(response, "", self._folder.deadline, accepted=("identity",)):
                body.write(piece)
                if body.tell() > max_bytes:
                    raise FetchError(DAMAGED, f"it has more than {max_bytes} bytes")
        except AnswerError:
            raise FetchError(REFUSED, "it came packed, which was not asked for") from None
        return Fetched(body.getvalue(), etag_of(response.headers.get("etag")))
