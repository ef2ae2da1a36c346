"""Where a proxy may be, and which key is for it: from all that says so, the highest first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from litellm_discover.core.host import HostOptions
from litellm_discover.core.ids import printable
from litellm_discover.core.model import DEFAULT_KEY_VARIABLE, KeyReference, key_variable
from litellm_discover.core.origin import DEFAULT_PORTS, LOOPBACK_LITERALS, Origin, loopback, parse_origins
from litellm_discover.core.own import Variable
from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.own import OwnProxy, Secret

URL_VARIABLES = ("LITELLM_API_BASE", "LITELLM_BASE_URL")
PROGRAM = "litellm-discover"
KEY_VARIABLES = (DEFAULT_KEY_VARIABLE, "LITELLM_PROXY_KEY", "LITELLM_MASTER_KEY")

# A token of RFC 9110.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_CONFIGURED = "baseURL in the tool's configuration"
_OWN = "url in config.toml"
_PAIR = "OPENAI_BASE_URL"
_LIKELY = "the likely ports"

# Sources that can name an address of which nobody said that a LiteLLM is there.
_GUESSES = frozenset({_LIKELY, _CONFIGURED})


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it came from. The value stays out of ``repr``.

    One that has to be looked up, in ``secret``, has no value until just before it is used.
    """

    value: str | None = field(repr=False)
    reference: KeyReference
    secret: Secret | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a proxy may be, best origin first, and the key for it.

    ``identify`` asks for LiteLLM's own mark before anything else is sent; it is False only for an address that the
    person gave for LiteLLM, where a gateway may answer nothing but ``/v1``. ``source`` says who named the place;
    ``named`` is True when the person named exactly this origin, which is trusted for it.
    """

    origins: tuple[Origin, ...]
    source: str
    key: Key | None
    identify: bool
    named: bool = False
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def find_places(
    url: str | None, ports: tuple[int, ...], environ: Mapping[str, str], host: HostOptions, own: OwnProxy | None
) -> tuple[Place, ...]:
    """Where to look, in this order. ``url`` and ``ports`` are from the command line.

    Raises UsageError, which names the source of a bad value and never the value of a key.
    """
    likely = _likely(ports, _key(environ, host))
    if ports and not url:
        places: tuple[Place, ...] = (likely,)
    else:
        places = _named_by_person(url, environ, host, own) or _remaining(environ, host, likely)
    return tuple(_of_own(place, own, environ) for place in places) if own else places


def find_own_places(own: OwnProxy, environ: Mapping[str, str]) -> tuple[Place, ...]:
    """Where to look for a proxy of which our own file alone speaks: nobody else's key or header goes there.

    Raises UsageError as ``find_places`` does.
    """
    place = _named(own.url, _OWN, None) if own.url else _likely((), None)
    headers = _own_headers(own, environ)
    return (replace(place, key=_own_key(own, environ), headers=headers),)


def without(places: Iterable[Place], others: Iterable[OwnProxy]) -> tuple[Place, ...]:
    """The places, but of those that are guesses only what no other proxy has in its ``url``.

    What listens there is that proxy, and not for the key of this one.
    """
    claimed = {site for own in others for site in _sites(own)}
    left = (
        replace(place, origins=tuple(o for o in place.origins if (o.host, o.port) not in claimed))
        if place.source in _GUESSES and not place.named
        else place
        for place in places
    )
    return tuple(place for place in left if place.origins)


def _sites(own: OwnProxy) -> set[tuple[str, int]]:
    """Where its ``url`` leads; nowhere with one that cannot be used, which is told when it is to be asked.

    One program nearly always has a port of this machine on both of its addresses.
    """
    try:
        origins = parse_origins(own.url, source=_OWN) if own.url else ()
    except UsageError:
        return set()
    return {
        (host, origin.port)
        for origin in origins
        for host in (LOOPBACK_LITERALS if origin.is_loopback else (origin.host,))
    }


def _of_own(place: Place, own: OwnProxy, environ: Mapping[str, str]) -> Place:
    """The place with the key and the headers of our own file, if it is what they are for: their address, or any."""
    if place.source == _PAIR:
        return place
    if own.url and not set(place.origins) & set(parse_origins(own.url, source=_OWN)):
        return place
    key = None if any(environ.get(name) for name in KEY_VARIABLES) else _own_key(own, environ)
    return replace(place, key=key or place.key, headers={**place.headers, **_own_headers(own, environ)})


def _own_key(own: OwnProxy, environ: Mapping[str, str]) -> Key | None:
    """The key of our own file. A variable that is not set says nothing, as with all variables."""
    if isinstance(own.key, Variable):
        value = environ.get(own.key.name)
        return Key(checked_key(value, own.key.name), KeyReference(own.key.name)) if value else None
    # No tool can follow this; the variable is the one that it is told to use.
    return Key(None, KeyReference(key_variable(own.id), host=PROGRAM), own.key) if own.key else None


def _own_headers(own: OwnProxy, environ: Mapping[str, str]) -> Mapping[str, str]:
    for header in own.headers.values():
        if not environ.get(header.name):
            raise UsageError(
                f"{header.where} needs the variable {header.name}, which is not set",
                code="bad_header",
                hint=f"export {header.name}=…, or remove the header there.",
            )
    headers = {name: environ[header.name] for name, header in own.headers.items()}
    return _checked_headers(headers, "config.toml")


def _named_by_person(
    url: str | None, environ: Mapping[str, str], host: HostOptions, own: OwnProxy | None
) -> tuple[Place, ...]:
    """The place that an option, a variable or our own file names; each has the key that is not in that file."""
    for address, source in ((url, "--url"), *((environ.get(name), name) for name in URL_VARIABLES)):
        if address:
            return (_named(address, source, _key(environ, host)),)
    return (_own_place(own.url, environ, host),) if own and own.url else ()


def _remaining(environ: Mapping[str, str], host: HostOptions, likely: Place) -> tuple[Place, ...]:
    """Where to look when nothing of that names a place: as the tools are configured, else on this machine."""
    if host.base_url:
        headers = _checked_headers(host.headers, "the tool's configuration")
        place = replace(_named(host.base_url, _CONFIGURED, likely.key), headers=headers)
        if host.base_url_is_ours and place.origins[0].is_loopback:
            # What we found earlier is a good guess, but it is no word of the person on who listens there today.
            return (replace(place, identify=True, named=False), likely)
        return (place,)
    pair = _openai_pair(environ)
    return (pair, likely) if pair else (likely,)


def _own_place(url: str, environ: Mapping[str, str], host: HostOptions) -> Place:
    """The address in our own file; a key of a tool is for it only if the tool names no other."""
    origins = parse_origins(url, source=_OWN)
    alike = not host.base_url or set(origins) & set(parse_origins(host.base_url, source=_CONFIGURED))
    return _named(url, _OWN, _key(environ, host if alike else HostOptions()))


def _likely(ports: tuple[int, ...], key: Key | None) -> Place:
    return Place(loopback(ports or DEFAULT_PORTS), _LIKELY, key, identify=True)


def _named(url: str, source: str, key: Key | None) -> Place:
    """The place that the person named. Of the literals of ``localhost`` one is meant, and neither was named."""
    origins = parse_origins(url, source=source)
    exact = len(origins) == 1
    return Place(origins, source, key, identify=not exact, named=exact)


def _openai_pair(environ: Mapping[str, str]) -> Place | None:
    """``OPENAI_BASE_URL`` with ``OPENAI_API_KEY``: used when it proves to be LiteLLM."""
    url, value = environ.get(_PAIR), environ.get("OPENAI_API_KEY")
    if not url or not value:
        return None
    key = Key(checked_key(value, "OPENAI_API_KEY"), KeyReference("OPENAI_API_KEY"))
    origins = parse_origins(url, source=_PAIR)
    return Place(origins, _PAIR, key, identify=True, named=len(origins) == 1)


def _key(environ: Mapping[str, str], host: HostOptions) -> Key | None:
    for name in KEY_VARIABLES:
        if value := environ.get(name):
            return Key(checked_key(value, name), KeyReference(name))
    variable = host.api_key_variable
    if host.api_key:
        reference = KeyReference(variable or DEFAULT_KEY_VARIABLE, host=None if variable else host.name)
        return Key(checked_key(host.api_key, "apiKey in the tool's configuration"), reference)
    if host.stored_key and not variable:  # a reference to a variable that is not set keeps OpenCode from its store
        source = "the tool's credential store"
        return Key(checked_key(host.stored_key, source), KeyReference(DEFAULT_KEY_VARIABLE, host=host.name))
    return None


def checked_key(value: str, source: str) -> str:
    """The key, if it may stand in a header: HTTP libraries quote one that may not in their errors."""
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise UsageError(
            f"the key from {source} has a blank, a line end or a character outside ASCII",
            code="bad_key",
            hint="Set it again without them, for example: export LITELLM_API_KEY=$(tr -d '\\n' < key-file)",
        )
    return value


def _checked_headers(headers: Mapping[str, str], source: str) -> Mapping[str, str]:
    """The person's headers, if HTTP can carry them."""
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and value.isascii() and value.isprintable()):
            raise UsageError(
                f"the header {printable(name)} in {source} cannot be sent",
                code="bad_header",
                hint="Its name and value must be printable ASCII, without line ends.",
            )
    return headers
