"""What to look for, with which key, and who said so.

Sources from the highest: command line and ``LITELLM_DISCOVER_*`` (one layer: typer reads both), ``LITELLM_*``,
the user-level configuration of the tools, ``OPENAI_*`` as a pair, and last the likely ports of this machine.
Never a project directory, a ``.env`` file or the working directory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast, get_args

from litellm_discover.core.catalog import CatalogOptions
from litellm_discover.core.ids import printable
from litellm_discover.core.model import DEFAULT_KEY_VARIABLE, KeyReference
from litellm_discover.core.origin import Origin, loopback, parse_origins
from litellm_discover.core.transport import ResponsesStyle, TransportOption, TransportOptions
from litellm_discover.errors import UsageError
from litellm_discover.sources.litellm import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.host import HostOptions

__all__ = ["Flags", "Key", "Place", "ResponsesStyle", "Settings", "TransportOption", "flags_in", "resolve"]

URL_VARIABLES = ("LITELLM_API_BASE", "LITELLM_BASE_URL")
KEY_VARIABLES = (DEFAULT_KEY_VARIABLE, "LITELLM_PROXY_KEY", "LITELLM_MASTER_KEY")

# A token of RFC 9110.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")

_CONFIGURED = "baseURL in the tool's configuration"


@dataclass(frozen=True, slots=True)
class Flags:
    """The command line as it was given; None and empty are "not given"."""

    url: str | None = None
    ports: tuple[int, ...] = ()
    timeout: float = 5.0
    transport: TransportOption | None = None
    responses_style: ResponsesStyle | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    insecure_http: bool = False
    max_age: float | None = None
    offline: bool = False


def flags_in(environ: Mapping[str, str]) -> Flags:
    """The ``LITELLM_DISCOVER_*`` of a run that has no command line of its own; what cannot be read is not given."""
    transport = environ.get("LITELLM_DISCOVER_TRANSPORT")
    return Flags(
        url=environ.get("LITELLM_DISCOVER_URL") or None,
        ports=tuple(int(port) for port in environ.get("LITELLM_DISCOVER_PORT", "").split() if port.isdecimal()),
        transport=cast("TransportOption", transport) if transport in get_args(TransportOption) else None,
        insecure_http=environ.get("LITELLM_DISCOVER_INSECURE_HTTP", "").lower() in {"1", "t", "true", "y", "yes", "on"},
    )


@dataclass(frozen=True, slots=True)
class Key:
    """A key and where it came from. The value stays out of ``repr``."""

    value: str = field(repr=False)
    reference: KeyReference


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


@dataclass(frozen=True, slots=True)
class Settings:
    """One run's settings. ``places`` are tried in order until one has a LiteLLM.

    What the proxy said less than ``max_age`` seconds ago counts as asked now; ``offline`` asks nobody.
    """

    places: tuple[Place, ...]
    timeout: float
    catalog: CatalogOptions
    responses_style: ResponsesStyle | None
    insecure_http: bool = False
    max_age: float | None = None
    offline: bool = False


def resolve(flags: Flags, environ: Mapping[str, str], host: HostOptions) -> Settings:
    """Join all sources. Raises UsageError, which names the source of a bad value and never the value of a key."""
    key = _key(environ, host)
    return Settings(
        places=_places(flags, environ, host, key),
        timeout=flags.timeout,
        catalog=CatalogOptions(
            transport=TransportOptions(
                transport=flags.transport or _transport(host.transport),
                responses_models=frozenset(host.responses_models),
                chat_models=frozenset(host.chat_models),
            ),
            include=flags.include or host.include,
            exclude=flags.exclude or host.exclude,
        ),
        responses_style=flags.responses_style,
        insecure_http=flags.insecure_http,
        max_age=flags.max_age,
        offline=flags.offline,
    )


def _places(flags: Flags, environ: Mapping[str, str], host: HostOptions, key: Key | None) -> tuple[Place, ...]:
    ports = Place(loopback(flags.ports or DEFAULT_PORTS), "the likely ports", key, identify=True)
    named = ((flags.url, "--url"), *((environ.get(name), name) for name in URL_VARIABLES))
    for url, source in named[:1] if flags.ports else named:
        if url:
            return (_named(url, source, key),)
    if flags.ports:
        return (ports,)
    if host.base_url:
        place = replace(_named(host.base_url, _CONFIGURED, key), headers=_checked_headers(host.headers))
        if host.base_url_is_ours and place.origins[0].is_loopback:
            # What we found earlier is a good guess, but it is no word of the person on who listens there today.
            return (replace(place, identify=True, named=False), ports)
        return (place,)
    pair = _openai_pair(environ)
    return (pair, ports) if pair else (ports,)


def _named(url: str, source: str, key: Key | None) -> Place:
    """The place that the person named. Of the literals of ``localhost`` one is meant, and neither was named."""
    origins = parse_origins(url, source=source)
    exact = len(origins) == 1
    return Place(origins, source, key, identify=not exact, named=exact)


def _openai_pair(environ: Mapping[str, str]) -> Place | None:
    """``OPENAI_BASE_URL`` with ``OPENAI_API_KEY``: used when it proves to be LiteLLM."""
    url, value = environ.get("OPENAI_BASE_URL"), environ.get("OPENAI_API_KEY")
    if not url or not value:
        return None
    key = Key(_checked(value, "OPENAI_API_KEY"), KeyReference("OPENAI_API_KEY"))
    origins = parse_origins(url, source="OPENAI_BASE_URL")
    return Place(origins, "OPENAI_BASE_URL", key, identify=True, named=len(origins) == 1)


def _key(environ: Mapping[str, str], host: HostOptions) -> Key | None:
    for name in KEY_VARIABLES:
        if value := environ.get(name):
            return Key(_checked(value, name), KeyReference(name))
    variable = host.api_key_variable
    if host.api_key:
        reference = KeyReference(variable or DEFAULT_KEY_VARIABLE, host=None if variable else host.name)
        return Key(_checked(host.api_key, "apiKey in the tool's configuration"), reference)
    if host.stored_key and not variable:  # a reference to a variable that is not set keeps OpenCode from its store
        source = "the tool's credential store"
        return Key(_checked(host.stored_key, source), KeyReference(DEFAULT_KEY_VARIABLE, host=host.name))
    return None


def _checked(value: str, source: str) -> str:
    """The key, if it may stand in a header: HTTP libraries quote one that may not in their errors."""
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise UsageError(
            f"the key from {source} has a blank, a line end or a character outside ASCII",
            code="bad_key",
            hint="Set it again without them, for example: export LITELLM_API_KEY=$(tr -d '\\n' < key-file)",
        )
    return value


def _checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The person's headers, if HTTP can carry them."""
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and value.isascii() and value.isprintable()):
            raise UsageError(
                f"the header {printable(name)} in the tool's configuration cannot be sent",
                code="bad_header",
                hint="Its name and value must be printable ASCII, without line ends.",
            )
    return headers


def _transport(value: str | None) -> TransportOption:
    options = get_args(TransportOption)
    if value is not None and value not in options:
        raise UsageError(
            "options.transport in the tool's configuration has an unknown value",
            hint=f"Use one of: {', '.join(options)}.",
        )
    return cast("TransportOption", value or "auto")
