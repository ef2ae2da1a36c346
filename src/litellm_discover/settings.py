"""What to look for, with which key, and who said so.

Sources from the highest: command line and ``LITELLM_DISCOVER_*`` (one layer: typer reads both), ``LITELLM_*``,
our own configuration file, the user-level configuration of the tools, ``OPENAI_*`` as a pair, and last the likely
ports of this machine.
Never a project directory, a ``.env`` file or the working directory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast, get_args

from litellm_discover.addresses import find_own_places, find_places, without
from litellm_discover.core.host import HostOptions
from litellm_discover.core.model import PROXY_ID
from litellm_discover.core.options import CatalogOptions, ResponsesStyle, TransportOption, TransportOptions
from litellm_discover.core.own import NamesOption, OwnConfig, OwnProxy
from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.addresses import Place
    from litellm_discover.core.manifest import CatalogSetting
    from litellm_discover.core.registry import Registry

__all__ = [
    "Flags",
    "NamesOption",
    "ResponsesStyle",
    "Settings",
    "TransportOption",
    "flags_in",
    "resolve",
]

DEFAULT_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Flags:
    """The command line as it was given; None and empty are "not given"."""

    url: str | None = None
    ports: tuple[int, ...] = ()
    timeout: float | None = None
    transport: TransportOption | None = None
    responses_style: ResponsesStyle | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    insecure_http: bool = False
    max_age: float | None = None
    offline: bool = False
    names: NamesOption | None = None
    registry: str | None = None


def flags_in(environ: Mapping[str, str]) -> Flags:
    """The ``LITELLM_DISCOVER_*`` of a run that has no command line of its own; what cannot be read is not given."""
    transport, names = environ.get("LITELLM_DISCOVER_TRANSPORT"), environ.get("LITELLM_DISCOVER_NAMES")
    return Flags(
        url=environ.get("LITELLM_DISCOVER_URL") or None,
        ports=tuple(int(port) for port in environ.get("LITELLM_DISCOVER_PORT", "").split() if port.isdecimal()),
        transport=cast("TransportOption", transport) if transport in get_args(TransportOption) else None,
        insecure_http=environ.get("LITELLM_DISCOVER_INSECURE_HTTP", "").lower() in {"1", "t", "true", "y", "yes", "on"},
        names=cast("NamesOption", names) if names in get_args(NamesOption) else None,
        registry=environ.get("LITELLM_DISCOVER_REGISTRY") or None,
    )


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """What is set for one proxy. ``places`` are tried in order until one has a LiteLLM.

    ``id`` is that of its provider in the tools. ``aliases`` are names by id of a model; ``selected`` is the model that
    a tool starts with. ``problem`` is what is wrong with these settings, and then there are no places.
    """

    id: str
    places: tuple[Place, ...]
    catalog: CatalogOptions
    aliases: Mapping[str, str] = field(default_factory=dict)
    selected: str | None = None
    problem: UsageError | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One run's settings: of each proxy, in the order of our own file, and what holds for all of them.

    What a proxy said less than ``max_age`` seconds ago counts as asked now; ``offline`` asks nobody. ``catalogs`` are
    the remote ones. From ``names`` on it is about what the person says and wants of single models: ``write`` are the
    targets that are meant when none is named.
    """

    proxies: tuple[ProxySettings, ...]
    timeout: float
    responses_style: ResponsesStyle | None
    insecure_http: bool = False
    max_age: float | None = None
    offline: bool = False
    catalogs: tuple[CatalogSetting, ...] = ()
    names: NamesOption = "catalog"
    name_template: str | None = None
    registry: Registry | None = None
    write: tuple[str, ...] = ()

    @property
    def only(self) -> ProxySettings | None:
        """The proxy, if there is only one."""
        return self.proxies[0] if len(self.proxies) == 1 else None

    def proxy(self, proxy_id: str) -> ProxySettings:
        """What is set for the proxy of that id."""
        return next(proxy for proxy in self.proxies if proxy.id == proxy_id)


def resolve(
    flags: Flags,
    environ: Mapping[str, str],
    host: HostOptions,
    own: OwnConfig | None = None,
    registry: Registry | None = None,
) -> Settings:
    """Join all sources. Raises UsageError, which names the source of a bad value and never the value of a key."""
    own = own or OwnConfig()
    return Settings(
        proxies=_proxies(flags, environ, host, own.proxies),
        timeout=flags.timeout or own.timeout or DEFAULT_TIMEOUT,
        responses_style=flags.responses_style or own.responses_style,
        insecure_http=flags.insecure_http,
        max_age=flags.max_age,
        offline=flags.offline,
        catalogs=own.catalogs,
        names=flags.names or "catalog",
        name_template=own.name_template,
        registry=registry,
        write=own.write,
    )


def _proxies(
    flags: Flags, environ: Mapping[str, str], host: HostOptions, own: tuple[OwnProxy, ...]
) -> tuple[ProxySettings, ...]:
    if len(own) > 1:
        return _several(flags, environ, host, own)
    proxy = own[0] if own else None
    if proxy and proxy.id != PROXY_ID:
        host = HostOptions()  # which is about the provider of that id
    return (_one(flags, host, proxy, find_places(flags.url, flags.ports, environ, host, proxy)),)


def _several(
    flags: Flags, environ: Mapping[str, str], host: HostOptions, own: tuple[OwnProxy, ...]
) -> tuple[ProxySettings, ...]:
    """One of them is what options, variables and tools speak of; the others hear nothing of that.

    What is wrong with one of them is kept for the time when it is to be asked: it says nothing about the others.
    """
    if (flags.url or flags.ports) and PROXY_ID not in {proxy.id for proxy in own}:
        raise UsageError(
            f"--url and --port are for the proxy {PROXY_ID}, and config.toml has several, none of that id",
            hint=f'Give one of them id = "{PROXY_ID}", or change its url there.',
        )
    found: list[ProxySettings] = []
    for proxy in own:
        known = host if proxy.id == PROXY_ID else HostOptions()
        others = [other for other in own if other is not proxy]
        try:
            if proxy.id == PROXY_ID:
                places = find_places(flags.url, flags.ports, environ, host, proxy)
            else:
                places = find_own_places(proxy, environ)
            found.append(_one(flags, known, proxy, without(places, others)))
        except UsageError as problem:
            found.append(ProxySettings(proxy.id, (), CatalogOptions(), problem=problem))
    return tuple(found)


def _one(flags: Flags, host: HostOptions, own: OwnProxy | None, places: tuple[Place, ...]) -> ProxySettings:
    return ProxySettings(
        id=own.id if own else PROXY_ID,
        places=places,
        catalog=_catalog(flags, host, own),
        aliases=own.names if own else {},
        selected=host.selected,
    )


def _catalog(flags: Flags, host: HostOptions, own: OwnProxy | None) -> CatalogOptions:
    """What is wanted of the catalog. What our own file says of a single model outranks what the host says of it."""
    responses, chat = (own.responses_models, own.chat_models) if own else ((), ())
    return CatalogOptions(
        transport=TransportOptions(
            transport=flags.transport or (own.transport if own else None) or _transport(host.transport),
            responses_models=frozenset(responses or host.responses_models) - frozenset(chat),
            chat_models=frozenset(chat or host.chat_models) - frozenset(responses),
        ),
        include=flags.include or (own.include if own else ()) or host.include,
        exclude=flags.exclude or (own.exclude if own else ()) or host.exclude,
    )


def _transport(value: str | None) -> TransportOption:
    options = get_args(TransportOption)
    if value is not None and value not in options:
        raise UsageError(
            "options.transport in the tool's configuration has an unknown value",
            hint=f"Use one of: {', '.join(options)}.",
        )
    return cast("TransportOption", value or "auto")
