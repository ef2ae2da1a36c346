"""A stream to whoever listens at an origin: its name, TCP and TLS, all of it within one deadline."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import ssl
from contextlib import suppress
from functools import cache, partial
from typing import TYPE_CHECKING, cast

from litellm_discover.errors import ProxyNotFoundError
from litellm_discover.io.threads import by

if TYPE_CHECKING:
    from litellm_discover.core.origin import Origin
    from litellm_discover.io.deadline import Deadline

# RFC 8305, section 8: how long an address may keep the next one waiting.
_HEAD_START_SECONDS = 0.25

_UNDER_WAY = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0)}

# How a connection can fail, the kinds before what they are kinds of: our own code, message and hint.
_FAILURES: tuple[tuple[tuple[type[Exception], ...], str, str, str], ...] = (
    (
        (ssl.SSLCertVerificationError,),
        "tls_untrusted",
        "the TLS certificate of {} is not trusted",
        "Install the signing authority into the system's trust store.",
    ),
    (
        (ssl.SSLError,),
        "tls_failed",
        "{} does not speak TLS",
        "Is the scheme http rather than https?",
    ),
    (
        (socket.gaierror, UnicodeError),
        "host_unknown",
        "the host of {} has no address",
        "Correct the host name, or connect to the network that knows it.",
    ),
    (
        (OSError,),
        "proxy_unreachable",
        "nothing answers at {}",
        "Start the proxy (litellm --config config.yaml), or correct the address.",
    ),
)


def _tls_context() -> ssl.SSLContext:
    """The authorities of certifi and of the system: a company's proxy is often signed by its own authority."""
    import certifi  # noqa: PLC0415 - it costs 20 ms, and most proxies are on this machine

    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    context.set_alpn_protocols(["http/1.1"])
    return context


# It takes 20 ms, and none of them is spent when no address is https.
_shared_tls_context = cache(_tls_context)


def forget_authorities() -> None:
    """Read them anew when they are needed next."""
    _shared_tls_context.cache_clear()


def connect(origin: Origin, deadline: Deadline) -> socket.socket:
    """A connected stream, encrypted for https. Raises ProxyNotFoundError when there is none, and TimeoutError."""
    try:
        stream = _connected(origin, deadline)
        return _encrypted(stream, origin) if origin.scheme == "https" else stream
    except TimeoutError:
        raise
    except (OSError, UnicodeError) as error:
        # The text of the system's error could hold anything.
        code, message, hint = next(told for kinds, *told in _FAILURES if isinstance(error, kinds))
        raise ProxyNotFoundError(message.format(origin.root), code=code, hint=hint) from None


def _connected(origin: Origin, deadline: Deadline) -> socket.socket:
    """A connection to the first address of the host that takes it, each with a head start before the next."""
    # As bytes: Python would import 1 ms of tables to encode even an address.
    host = origin.host.encode("ascii" if origin.host.isascii() else "idna")
    found = by(deadline, partial(socket.getaddrinfo, host, origin.port, type=socket.SOCK_STREAM))
    addresses = [(family, address) for family, *_, address in found]
    failure = OSError(errno.EADDRNOTAVAIL, "no address")
    with selectors.DefaultSelector() as waiting:
        try:
            while addresses or waiting.get_map():
                if addresses:
                    failure = _begin(waiting, *addresses.pop(0)) or failure
                if not waiting.get_map():
                    continue
                left = deadline.some_left()
                for key, _ in waiting.select(min(left, _HEAD_START_SECONDS) if addresses else left):
                    stream = _taken(waiting, key)
                    number = stream.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not number:
                        return _ready(stream, deadline)
                    stream.close()
                    failure = OSError(number, os.strerror(number))
            raise failure
        finally:
            for key in [*waiting.get_map().values()]:
                _taken(waiting, key).close()


def _begin(waiting: selectors.BaseSelector, family: int, address: tuple[object, ...]) -> OSError | None:
    """Begin to connect to one address; gives why that cannot even be begun."""
    try:
        stream = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:  # a machine without IPv6 may know addresses of it all the same
        return error
    stream.settimeout(0)
    number = stream.connect_ex(address)
    if number in _UNDER_WAY:
        waiting.register(stream, selectors.EVENT_WRITE)
        return None
    stream.close()
    return OSError(number, os.strerror(number))


def _taken(waiting: selectors.BaseSelector, key: selectors.SelectorKey) -> socket.socket:
    waiting.unregister(key.fileobj)
    return cast("socket.socket", key.fileobj)


def _ready(stream: socket.socket, deadline: Deadline) -> socket.socket:
    stream.settimeout(deadline.some_left())
    with suppress(OSError):  # it only saves time
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def _encrypted(stream: socket.socket, origin: Origin) -> ssl.SSLSocket:
    try:
        return _shared_tls_context().wrap_socket(stream, server_hostname=origin.host)
    except BaseException:
        stream.close()
        raise
