"""What is known of a tool before it is written to: what a person set in it for the proxy, and which one it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litellm_discover.core.options import ResponsesStyle

Version: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """What the configuration of a tool depends on beside the catalog.

    ``style`` is None for the tool's own default. ``version`` is that of the installed tool, None when it was not found:
    then the form is right for the newest version.
    """

    style: ResponsesStyle | None = None
    version: Version | None = None


AS_NEWEST = Rendering()


@dataclass(frozen=True, slots=True)
class Installation:
    """How the version of an installed tool is found.

    ``program`` is looked for on the person's PATH, and belongs to one of the npm ``packages``. ``noted`` is a file in
    the tool's directory and the key in it under which the tool itself notes down which version ran last, if it does.
    """

    program: str
    packages: tuple[str, ...]
    noted: tuple[str, str] | None = None


class Lookup(Protocol):
    """How a reference in a tool's configuration is followed."""

    def variable(self, name: str) -> str | None:
        """The value of an environment variable."""

    def file(self, path: str) -> str:
        """The text of a file, without the white space around it; empty when there is none."""


@dataclass(frozen=True, slots=True)
class HostOptions:
    """The options of the provider ``litellm`` in a host's user-level files; None and empty are "not set".

    ``base_url_is_ours`` when we wrote that address and nobody changed it since. ``api_key`` and ``headers`` may hold
    secrets and stay out of ``repr``; ``api_key_variable`` is the environment variable that the former refers to, if it
    does. ``stored_key`` is from the host's own credential store. ``name`` is the host that has the key. ``selected`` is
    the id of the proxy's model that the host starts with.
    """

    name: str = ""
    base_url: str | None = None
    base_url_is_ours: bool = False
    api_key: str | None = field(default=None, repr=False)
    api_key_variable: str | None = None
    stored_key: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    transport: str | None = None
    responses_models: tuple[str, ...] = ()
    chat_models: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selected: str | None = None

    @property
    def has_key(self) -> bool:
        """Whether the host would send a key; OpenCode leaves its store alone when a variable is named, set or not."""
        return bool(self.api_key or (self.stored_key and not self.api_key_variable))


def combined(hosts: Iterable[HostOptions], preferred: str | None = None) -> HostOptions:
    """What all hosts together say of the proxy.

    The address is that of the ``preferred`` host, else the first that a person wrote, else the first of ours. A key
    stays with its address: it is taken from another host only if that names the same one. The rest is taken from
    whoever says it, the first before the others.
    """

    def rank(host: HostOptions) -> tuple[bool, ...]:
        return host.base_url is None, host.name != preferred, host.base_url_is_ours

    ranked = sorted(hosts, key=rank) or [HostOptions()]
    chosen = ranked[0]
    alike = [host for host in ranked if host.base_url == chosen.base_url and host.has_key]
    holder = alike[0] if alike else chosen
    return HostOptions(
        name=holder.name,
        base_url=chosen.base_url,
        base_url_is_ours=chosen.base_url_is_ours,
        api_key=holder.api_key,
        api_key_variable=holder.api_key_variable,
        stored_key=holder.stored_key,
        headers=chosen.headers,
        transport=next((host.transport for host in ranked if host.transport), None),
        responses_models=next((host.responses_models for host in ranked if host.responses_models), ()),
        chat_models=next((host.chat_models for host in ranked if host.chat_models), ()),
        include=next((host.include for host in ranked if host.include), ()),
        exclude=next((host.exclude for host in ranked if host.exclude), ()),
        selected=next((host.selected for host in ranked if host.selected), None),
    )
