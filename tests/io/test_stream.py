"""From a name to an encrypted stream: which address is taken, and how each failure is told."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from raw import listening

from litellm_discover.core.origin import Origin
from litellm_discover.errors import ProxyNotFoundError
from litellm_discover.io import stream
from litellm_discover.io.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOOPBACK = "127.0.0.1"


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives every host the addresses that a test names."""

    def name(*addresses: tuple[int, tuple[Any, ...]]) -> None:
        found = [(family, socket.SOCK_STREAM, 6, "", address) for family, address in addresses]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    return name


def ignore(_: socket.socket) -> None:
    """Take a connection and hang up."""


@contextmanager
def nobody() -> Iterator[tuple[int, tuple[Any, ...]]]:
    """An address that neither takes a connection nor refuses one: its queue is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server((LOOPBACK, 0), backlog=0))
        for _ in range(4):
            client = stack.enter_context(socket.socket())
            client.settimeout(0)
            with suppress(BlockingIOError):
                client.connect(server.getsockname())
        yield socket.AF_INET, server.getsockname()


def closed() -> tuple[int, tuple[Any, ...]]:
    """An address that refuses."""
    with socket.create_server((LOOPBACK, 0)) as server:
        return socket.AF_INET, server.getsockname()


IMPOSSIBLE = (
    (999, ("x", 1)),  # no such family here, as without IPv6
    (socket.AF_INET6, ("fe80::1", 80)),  # needs an interface: refused by the system at once
)


def connected(scheme: str = "http", port: int = 80, *, host: str = "proxy.example", seconds: float = 5) -> None:
    """Connect and hang up."""
    stream.connect(Origin(scheme, host, port), Deadline.after(seconds)).close()


def failure(scheme: str = "http", port: int = 80, *, host: str = "proxy.example") -> ProxyNotFoundError:
    """How a connection that fails is told."""
    with pytest.raises(ProxyNotFoundError) as raised:
        connected(scheme, port, host=host)
    assert raised.value.hint
    assert raised.value.__suppress_context__
    return raised.value


def test_the_first_address_that_takes_the_connection_is_used(named: Callable[..., None]) -> None:
    """What is impossible or refused costs nothing; what is silent has a head start, and is not waited for."""
    with listening(ignore) as port, nobody() as silent:
        named(*IMPOSSIBLE, closed(), silent, (socket.AF_INET, (LOOPBACK, port)))
        started = time.monotonic()
        connected()
        assert time.monotonic() - started < 2


def test_a_silent_address_still_has_all_of_its_time(named: Callable[..., None]) -> None:
    """It is not given up for the next one, which refuses."""
    with nobody() as silent:
        named(silent, closed())
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            connected(seconds=1)
        assert time.monotonic() - started >= 0.9


@pytest.mark.parametrize(
    "addresses", [(), IMPOSSIBLE[:1], IMPOSSIBLE, (*IMPOSSIBLE, closed()), (closed(), IMPOSSIBLE[1])]
)
def test_no_address_that_can_be_reached(named: Callable[..., None], addresses: tuple[Any, ...]) -> None:
    """It is told at once, whichever was the last of them."""
    named(*addresses)
    started = time.monotonic()
    assert failure().code == "proxy_unreachable"
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known sk-x"), UnicodeError("label empty sk-x")]
)
def test_a_host_without_an_address(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """The resolver's own words are not passed on."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    told = failure()
    assert told.code == "host_unknown"
    assert "sk-x" not in f"{told.message}{told.hint}"


def test_a_host_name_that_cannot_be() -> None:
    """By the system's own resolver."""
    assert failure(host="a..b").code == "host_unknown"


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can interrupt it; the deadline counts all the same."""
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(10))
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        connected(seconds=0.2)
    assert time.monotonic() - started < 2
    release.set()


def test_what_speaks_no_tls() -> None:
    """Something else answers, or nothing is said at all before the connection ends."""
    for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b""):

        def serve(connection: socket.socket, answer: bytes = answer) -> None:
            connection.sendall(answer)

        with listening(serve) as port:
            assert failure("https", port, host=LOOPBACK).code in {"tls_failed", "proxy_unreachable"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key, and a certificate of this address that signs itself."""
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, pem = folder / "key.pem", folder / "cert.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-days", "2", "-subj", "/CN=test", "-addext", f"subjectAltName=IP:{LOOPBACK}"]
    command: list[str | Path] = ["openssl", "req", "-x509", *curve, *name, "-keyout", key, "-out", pem]
    subprocess.run(command, check=True, capture_output=True)
    return key, pem


@contextmanager
def encrypted(certificate: tuple[Path, Path]) -> Iterator[int]:
    """A listener with that certificate."""
    key, pem = certificate
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as inner:
            inner.recv(1)

    with listening(serve) as port:
        yield port


@pytest.fixture
def fresh_context() -> Iterator[None]:
    """A context that is made anew: authorities are looked up once in a process."""
    stream._shared_tls_context.cache_clear()
    yield
    stream._shared_tls_context.cache_clear()


@pytest.mark.usefixtures("fresh_context")
def test_a_certificate_that_nobody_vouches_for(certificate: tuple[Path, Path]) -> None:
    """It is refused, with the remedy."""
    with encrypted(certificate) as port:
        assert failure("https", port, host=LOOPBACK).code == "tls_untrusted"


@pytest.mark.usefixtures("fresh_context")
def test_the_authorities_of_the_system_count(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, named: Callable[..., None]
) -> None:
    """A company's own authority, which certifi does not have; and the name is checked."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    with encrypted(certificate) as port:
        connected("https", port, host=LOOPBACK)
        named((socket.AF_INET, (LOOPBACK, port)))
        assert failure("https", port, host="proxy.example").code == "tls_untrusted"


@pytest.mark.usefixtures("fresh_context")
def test_a_handshake_that_never_ends_has_the_deadline() -> None:
    """Whoever accepts and says nothing."""

    def serve(connection: socket.socket) -> None:
        connection.recv(100_000)
        time.sleep(2)

    with listening(serve) as port:
        started = time.monotonic()
        with pytest.raises(TimeoutError):
            connected("https", port, host=LOOPBACK, seconds=0.5)
        assert time.monotonic() - started < 1.9
