"""One file of a remote catalog over HTTP: without any credential, redirect, cookie or proxy of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import quote

import anyio
import httpx
from anyio.lowlevel import checkpoint

from litellm_discover.core.model import Notice
from litellm_discover.io.catalog_cache import etag_of

if TYPE_CHECKING:
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline

UNREACHABLE, REFUSED, DAMAGED = "catalog_unreachable", "catalog_refused", "catalog_damaged"

_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


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
    """GETs below the address of one folder, until the deadline."""

    def __init__(self, client: httpx.AsyncClient, folder: Origin, deadline: Deadline) -> None:
        self._client = client
        self._folder = folder
        self._deadline = deadline

    async def __call__(
        self, name: str, *, max_bytes: int, etag: str | None = None, model: str | None = None
    ) -> Fetched:
        """The file of that name. ``model`` is told to the server. Raises FetchError."""
        url = f"{self._folder.root}/{name}" + (f"?model={quote(model, safe='')}" if model else "")
        # Bytes as they are: what is not packed cannot grow when it is opened.
        headers = {"Accept-Encoding": "identity"} | ({"If-None-Match": etag} if etag else {})
        # httpx's texts can hold the address: only the kind of failure goes on.
        try:
            with anyio.fail_after(self._deadline.left()):
                return await self._get(url, headers, max_bytes)
        except TimeoutError:
            raise FetchError(UNREACHABLE, "it did not come in time") from None
        except httpx.ConnectError as error:
            raise FetchError(UNREACHABLE, _connection(error)) from None
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
            raise FetchError(UNREACHABLE, "the answer broke off") from None

    async def _get(self, url: str, headers: dict[str, str], max_bytes: int) -> Fetched:
        async with self._client.stream("GET", url, headers=headers) as response:
            status = response.status_code
            if status == 304 and "If-None-Match" in headers:
                return Fetched(None, headers["If-None-Match"])
            if response.has_redirect_location:
                raise FetchError(REFUSED, f"the server redirects ({status}), which is not followed")
            if status != 200:
                raise FetchError(REFUSED, f"the server answered {status}")
            if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
                raise FetchError(REFUSED, "it came packed, which was not asked for")
            body = BytesIO()
            async for piece in response.aiter_raw():
                await checkpoint()  # pieces that are all here already would keep the deadline from being noticed
                body.write(piece)
                if body.tell() > max_bytes:
                    raise FetchError(DAMAGED, f"it has more than {max_bytes} bytes")
            return Fetched(body.getvalue(), etag_of(response.headers.get("etag")))


def _connection(error: httpx.ConnectError) -> str:
    return "the TLS certificate is not trusted" if _UNTRUSTED in str(error) else "nothing answers there"
