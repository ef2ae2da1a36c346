"""The only place that sends bytes to a proxy.

No environment proxies, no redirects, no netrc, no cookies; decoded bytes are capped while they arrive, and one
deadline covers a request from the connection to the last byte of its body.
"""

from __future__ import annotations

import zlib
from contextlib import asynccontextmanager, contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from io import BytesIO
from typing import TYPE_CHECKING

import anyio
import httpx
from anyio.lowlevel import checkpoint

from litellm_discover.core.answers import Answer
from litellm_discover.core.strict import MAX_PIECE
from litellm_discover.errors import AnswerError, DeadlineError, ProxyError, ProxyNotFoundError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 64 * 1024

# How a connection can fail: marks in httpx's text (Linux, macOS, Windows), then our own code, message and hint.
_CONNECT_FAILURES = (
    (
        ("CERTIFICATE_VERIFY_FAILED",),
        "tls_untrusted",
        "the TLS certificate of {} is not trusted",
        "Install the signing authority into the system's trust store.",
    ),
    (
        ("[SSL",),
        "tls_failed",
        "{} does not speak TLS",
        "Is the scheme http rather than https?",
    ),
    (
        ("not known", "name resolution", "nodename nor servname", "getaddrinfo", "No address associated"),
        "host_unknown",
        "the host of {} has no address",
        "Correct the host name, or connect to the network that knows it.",
    ),
)
_REFUSED = (
    (),
    "proxy_unreachable",
    "nothing answers at {}",
    "Start the proxy (litellm --config config.yaml), or correct the address.",
)


@asynccontextmanager
async def http_client(*, tls: bool) -> AsyncIterator[httpx.AsyncClient]:
    """A client for one run. Without ``tls`` no TLS context is built, which would cost 20 ms for nothing."""
    verify = tls_context() if tls else False
    async with httpx.AsyncClient(
        verify=verify,
        trust_env=False,
        follow_redirects=False,
        # One deadline covers a request; httpx times each read, which a dripping server never exceeds.
        timeout=httpx.Timeout(None),
        headers={"Accept-Encoding": "gzip"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    ) as client:
        yield client


def tls_context() -> ssl.SSLContext:
    """The authorities of certifi and of the system: a company's proxy is often signed by its own authority."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


@contextmanager
def failures(origin: Origin, path: str) -> Iterator[None]:
    """Turn the failures of a request into our own.

    httpx's texts can hold the address and the header's value: only the kind of failure goes on.
    """
    try:
        yield
    except TimeoutError:
        raise DeadlineError(
            f"{origin.root} did not answer in time",
            hint="Is the proxy busy or still starting? Try again, or give it longer with --timeout.",
        ) from None
    except httpx.ConnectError as error:
        raise _unreachable(origin, error) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, zlib.error):
        raise AnswerError(
            f"{origin.root} broke off its answer to {path}",
            hint="Is this an HTTP server, and is the scheme (http or https) right?",
        ) from None


def _unreachable(origin: Origin, error: httpx.ConnectError) -> ProxyError:
    # httpx wraps the cause twice; the words of OpenSSL and of the resolver are the only marks that survive.
    text = str(error)
    failure = next((known for known in _CONNECT_FAILURES if any(mark in text for mark in known[0])), _REFUSED)
    _, code, message, hint = failure
    return ProxyNotFoundError(message.format(origin.root), code=code, hint=hint)


class ProxyClient:
    """GETs below one origin's root; a ``core.answers.Get``."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        origin: Origin,
        deadline: Deadline,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._client = client
        self._origin = origin
        self._deadline = deadline
        self._credential = dict(headers or {})
        if key is not None:
            self._credential["Authorization"] = f"Bearer {key}"

    async def __call__(
        self, path: str, *, credential: bool, max_bytes: int, sink: Callable[[bytes], None] | None = None
    ) -> Answer:
        """See ``Get``."""
        with failures(self._origin, path), anyio.fail_after(self._deadline.left()):
            return await self._get(path, self._credential if credential else {}, max_bytes, sink)

    async def _get(
        self, path: str, headers: Mapping[str, str], max_bytes: int, sink: Callable[[bytes], None] | None
    ) -> Answer:
        async with self._client.stream("GET", self._origin.root + path, headers=headers) as response:
            content_type = response.headers.get("content-type", "")
            if response.status_code != 200:
                return Answer(path, response.status_code, content_type, await _beginning(response, path))
            body = BytesIO()  # unlike a bytearray it gives its bytes away without a copy
            take = sink or body.write
            size = received = 0
            async for sent, piece in pieces(response, path):
                received += sent
                size += len(piece)
                if max(received, size) > max_bytes:
                    raise AnswerError(
                        f"{path} answered more than {max_bytes} bytes", hint="Use a key with fewer models."
                    )
                take(piece)
            return Answer(path, response.status_code, content_type, body.getvalue())


async def _beginning(response: httpx.Response, path: str) -> bytes:
    """What an answer other than 200 begins with: its status is what counts, however long, odd or cut the rest is."""
    kept = bytearray()
    received = 0
    with suppress(AnswerError, httpx.HTTPError, zlib.error):
        async for sent, piece in pieces(response, path):
            kept += piece
            received += sent
            if max(received, len(kept)) > MAX_PIECE:
                break
    return bytes(kept)


async def pieces(response: httpx.Response, path: str) -> AsyncIterator[tuple[int, bytes]]:
    """The decoded body in small pieces, each with how many bytes were received for it: so a bomb never opens whole."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise AnswerError(f"{path} answered with an encoding that was not asked for")
    decoder = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    async for chunk in response.aiter_raw():
        sent = len(chunk)
        for piece in _decoded(chunk, decoder) if decoder else (chunk,):
            await checkpoint()  # pieces that are all here already would keep the deadline from being noticed
            yield sent, piece
            sent = 0
        if decoder is not None and decoder.unused_data:  # zlib would keep whatever follows
            raise AnswerError(f"{path} answered more than one compressed answer")
    if decoder is not None and not decoder.eof:
        raise AnswerError(f"{path} broke off a compressed answer")


def _decoded(chunk: bytes, decoder: zlib._Decompress) -> Iterator[bytes]:
    piece = decoder.decompress(chunk, _PIECE)
    yield piece
    while decoder.unconsumed_tail or len(piece) == _PIECE:
        piece = decoder.decompress(decoder.unconsumed_tail, _PIECE)
        yield piece
