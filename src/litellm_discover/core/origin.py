"""Addresses of proxies: what a person may write, and the one form that we use."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from litellm_discover.errors import UsageError

LOOPBACK_LITERALS = ("127.0.0.1", "::1")

# LiteLLM's own, and where else it is put.
DEFAULT_PORTS = (4000, 8000, 8080)

_SCHEME_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a proxy is: scheme, host, port and path prefix (``""`` or ``/prefix``, without ``/v1``)."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @property
    def root(self) -> str:
        """The address that LiteLLM's paths are appended to, without a final slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _SCHEME_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.prefix}"

    @property
    def base_url(self) -> str:
        """The address that OpenAI clients want: it ends in ``/v1``."""
        return f"{self.root}/v1"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is a loopback address, written as a literal."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def loopback(ports: tuple[int, ...]) -> tuple[Origin, ...]:
    """Where a proxy may listen on this machine, best first: the lowest port, there IPv4 before IPv6."""
    return tuple(Origin("http", host, port) for port in sorted(set(ports)) for host in LOOPBACK_LITERALS)


def parse_origins(url: str, *, source: str) -> tuple[Origin, ...]:
    """The origins that an address stands for: one, or both loopback literals for the name ``localhost``.

    The name itself is never used: whoever listens on the other literal would get what is meant for the proxy.
    Accepts an address with or without ``/v1`` and with a path prefix. Raises UsageError, naming ``source`` and
    never the address, which can hold a password.
    """
    parts, port = _split(url, source)
    host = (parts.hostname or "").rstrip(".")
    hosts = LOOPBACK_LITERALS if host == "localhost" else (host,)
    prefix = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return tuple(Origin(parts.scheme, each, port, prefix) for each in hosts)


def _split(url: str, source: str) -> tuple[SplitResult, int]:
    hint = "Give it like http://127.0.0.1:4000 or https://llm.example.com/litellm/v1."
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise UsageError(f"the address from {source} is not valid", hint=hint) from None
    if parts.scheme not in _SCHEME_PORTS or not (parts.hostname or "").strip("."):
        raise UsageError(f"the address from {source} is not an http:// or https:// address", hint=hint)
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"the address from {source} holds a user name or password", hint=hint)
    if parts.query or parts.fragment:
        raise UsageError(f"the address from {source} has a query or fragment", hint=hint)
    return parts, port or _SCHEME_PORTS[parts.scheme]
