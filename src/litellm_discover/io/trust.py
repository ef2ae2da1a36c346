"""The gate before every request with a key, and before everything that makes another program send one.

Anybody on this machine can answer like LiteLLM. So an origin is trusted only when the person named exactly it, pinned
it, or when on Linux every socket that can accept its connections belongs to this user or to root.
"""

from __future__ import annotations

import json
import operator
import os
import shlex
import sys
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from stat import S_IWGRP, S_IWOTH
from typing import TYPE_CHECKING, Literal

from litellm_discover.core.model import Notice
from litellm_discover.core.origin import Origin, parse_origins
from litellm_discover.errors import ConfigError, TrustError, UsageError
from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.io.deadline import Deadline
    from litellm_discover.io.places import Places

SCHEMA_VERSION = 1

ME = os.getuid() if hasattr(os, "getuid") else None
ROOT = 0
# The kernel shows this user in place of each one that a user namespace does not map: it can be anybody.
NOBODY = 65534

_IPV4_TABLE, _IPV6_TABLE = Path("/proc/net/tcp"), Path("/proc/net/tcp6")
_LISTEN = "0A"
_ADDRESS, _STATE, _UID = 1, 3, 7  # columns
_WORD = 8  # hexadecimal digits

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that accepts connections, and the user who opened it."""

    address: Address
    port: int
    uid: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an origin is trusted, or None; ``owner`` is then the stranger who listens there, if that is known."""

    reason: Literal["named", "pinned", "own"] | None
    owner: int | None = None


def judge(origin: Origin, *, named: bool, pins: frozenset[Origin], owners: frozenset[int], me: int | None) -> Verdict:
    """Whether ``me`` may send a key to an origin whose listening sockets belong to ``owners``."""
    strangers = owners - ({ROOT, me} - {NOBODY})
    if named:
        return Verdict("named")
    if site(origin) in pins:
        return Verdict("pinned")
    if origin.is_loopback and owners and not strangers:
        return Verdict("own")
    return Verdict(None, min(strangers, default=None))


def site(origin: Origin) -> Origin:
    """What trust is about: scheme, host and port, with one spelling for an address."""
    host = origin.host
    with suppress(ValueError):
        host = str(ip_address(host))
    return Origin(origin.scheme, host, origin.port)


def parse_site(url: str, *, source: str) -> Origin:
    """The one origin that ``url`` names. Raises UsageError, for ``localhost`` too: it is a name for two."""
    origins = parse_origins(url, source=source)
    if len(origins) > 1:
        raise UsageError(
            f"the address from {source} holds the name localhost, which anybody on this machine can answer to",
            hint=f"Name the one that you mean: {' or '.join(origin.root for origin in origins)}",
        )
    return site(origins[0])


def parse_listeners(table: str, byteorder: Literal["little", "big"] = sys.byteorder) -> tuple[Listener, ...]:
    """The listening sockets in the text of ``/proc/net/tcp`` or ``tcp6``.

    An address is one or four 32-bit words, each printed as a number of this machine. Raises ValueError or IndexError.
    """
    found = []
    for columns in map(str.split, table.splitlines()[1:]):
        if columns[_STATE] != _LISTEN:
            continue
        digits, _, port = columns[_ADDRESS].partition(":")
        words = (int(digits[start : start + _WORD], 16) for start in range(0, len(digits), _WORD))
        address = ip_address(b"".join(word.to_bytes(4, byteorder) for word in words))
        found.append(Listener(address, int(port, 16), int(columns[_UID])))
    return tuple(found)


def owners_of(origin: Origin, listeners: Iterable[Listener]) -> frozenset[int]:
    """The users of all sockets that can accept a connection to an origin, if it is on this machine."""
    if not origin.is_loopback:
        return frozenset()
    address = ip_address(origin.host)
    accepting: set[Address] = {address, IPv6Address("::")}
    if isinstance(address, IPv4Address):
        both = (address, IPv4Address(0))
        accepting.update(both, (IPv6Address(f"::ffff:{each}") for each in both))
    return frozenset(each.uid for each in listeners if each.port == origin.port and each.address in accepting)


def listeners_now() -> tuple[Listener, ...]:
    """Who listens on this machine; nobody where the system does not tell, or not completely."""
    if sys.platform != "linux":
        return ()
    try:
        found = parse_listeners(_IPV4_TABLE.read_text("ascii"))
        with suppress(FileNotFoundError):  # in a kernel without IPv6
            found += parse_listeners(_IPV6_TABLE.read_text("ascii"))
    except (OSError, ValueError, IndexError):
        return ()
    return found


@dataclass(frozen=True, slots=True)
class Gate:
    """What one run knows of whom the person trusts."""

    pins: frozenset[Origin] = frozenset()
    insecure_http: bool = False
    notices: tuple[Notice, ...] = ()

    @classmethod
    def open(cls, places: Places, *, insecure_http: bool) -> Gate:
        """With the person's pins, unless others could have written them. Raises ConfigError."""
        if problem := _doubt(places):
            return cls(frozenset(), insecure_http, (Notice("trust_file_ignored", f"pins are ignored: {problem}"),))
        return cls(pinned(places), insecure_http)

    def sort(self, origins: Iterable[Origin], *, named: bool) -> tuple[list[Origin], dict[Origin, Verdict]]:
        """The trusted ones in their order, and what is known of the others, as of now."""
        listeners = listeners_now()
        verdicts = {
            origin: judge(origin, named=named, pins=self.pins, owners=owners_of(origin, listeners), me=ME)
            for origin in origins
        }
        strangers = {origin: verdict for origin, verdict in verdicts.items() if verdict.reason is None}
        return [origin for origin in verdicts if origin not in strangers], strangers

    def refusal(self, origin: Origin) -> UsageError | None:
        """Why nothing may be sent to an origin at all: its network would read the key."""
        if self.insecure_http or origin.scheme != "http" or origin.is_loopback or site(origin) in self.pins:
            return None
        root = site(origin).root
        return UsageError(
            f"{root} is not encrypted: everybody on the way to it could read the key",
            code="insecure_http",
            hint=f"Use https. If that network is safe: --insecure-http for one run, or for good:"
            f" litellm-discover trust --insecure-http {shlex.quote(root)}",
        )

    def error(self, strangers: Mapping[Origin, Verdict]) -> TrustError:
        """LiteLLM was found, but nobody vouches for it."""
        first, verdict = next(iter(strangers.items()))
        root = site(first).root
        ignored = "".join(f"{notice.message}. " for notice in self.notices)
        return TrustError(
            f"LiteLLM answers, but at no origin that is trusted with a key: {named_strangers(strangers)}",
            origin=root,
            owner=verdict.owner,
            hint=f"{ignored}If you trust it: litellm-discover trust {shlex.quote(root)}",
        )


def named_strangers(strangers: Mapping[Origin, Verdict]) -> str:
    """The origins for a person, each with whose it is."""
    return ", ".join(
        f"{origin.root} (its listener belongs to uid {verdict.owner})"
        if verdict.owner is not None
        else f"{origin.root} (whose listener it is cannot be told)"
        for origin, verdict in strangers.items()
    )


def pinned(places: Places) -> frozenset[Origin]:
    """The origins that the person pinned. Raises ConfigError when the file is there and cannot be understood."""
    path = places.pins()
    return _decode(files.read(path), path)


def pin(places: Places, origin: Origin, deadline: Deadline, *, wanted: bool = True) -> bool:
    """Pin an origin, or no longer; gives whether that changed anything. Raises ConfigError."""
    path = places.pins()

    def change(data: bytes | None) -> bytes | None:
        before = _decode(data, path)
        after = before | {origin} if wanted else before - {origin}
        return data if after == before else _encode(after)

    if problem := _doubt(places):
        raise ConfigError(problem, hint=f"Correct that: chown, or chmod go-w {shlex.quote(str(path.parent))}")
    with files.locked(path, locks=places.locks(), deadline=deadline) as file:
        return file.update(change).changed


def _doubt(places: Places) -> str:
    """Why others could have written the pins; empty when they could not, or when there are none."""
    path = places.pins()
    for place in (path, path.parent) if ME is not None else ():
        try:
            status = place.stat()
        except OSError:  # there is none; or reading it fails, and says why
            return ""
        if status.st_uid not in {ROOT, ME}:
            return f"{place} belongs to another user (uid {status.st_uid})"
        if status.st_mode & (S_IWGRP | S_IWOTH):
            return f"{place} can be written by others (mode {status.st_mode & 0o7777:04o})"
    return ""


def _encode(pins: frozenset[Origin]) -> bytes:
    origins = sorted(origin.root for origin in pins)
    return (json.dumps({"schemaVersion": SCHEMA_VERSION, "origins": origins}, indent=2) + "\n").encode()


def _decode(data: bytes | None, path: Path) -> frozenset[Origin]:
    if data is None:
        return frozenset()
    try:
        version, urls = operator.itemgetter("schemaVersion", "origins")(json.loads(data.decode("utf-8")))
        if version == SCHEMA_VERSION and isinstance(urls, list):
            return frozenset(parse_site(url, source=str(path)) for url in urls)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, UsageError):
        pass
    raise ConfigError(
        f"{path} cannot be understood: damaged, or of another version",
        hint="Correct it; or remove it, and trust again: litellm-discover trust URL",
    )
