"""What a person says in our own configuration file, as values; ``core.own_config`` understands the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.manifest import CatalogSetting
    from litellm_discover.core.options import ResponsesStyle, TransportOption

NamesOption = Literal["catalog", "pretty", "raw"]
"""Where names are from: official ones before formatted ids, formatted ids, or the ids as they are."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A value in the environment variable ``name``; ``where`` is the place that says so, for errors."""

    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Command:
    """A key that a program prints: started without a shell, with these arguments."""

    arguments: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key that is all there is in a file; ``path`` may begin with ``~/``."""

    path: str
    where: str


Secret: TypeAlias = Command | KeyFile
"""A key that is looked up only when it is needed: the look-up takes time, and may ask the person something."""


@dataclass(frozen=True, slots=True)
class OwnProxy:
    """One ``[[proxy]]``; None and empty are "not set"."""

    id: str
    where: str
    url: str | None = None
    key: Variable | Secret | None = None
    headers: Mapping[str, Variable] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    transport: TransportOption | None = None
    responses_models: tuple[str, ...] = ()
    chat_models: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnConfig:
    """The file; what is not set in it is None or empty. ``timeout`` is in seconds.

    ``notify`` is a program of the person's and its arguments: the daemon starts it with one more, what has changed.
    """

    write: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    timeout: float | None = None
    name_template: str | None = None
    responses_style: ResponsesStyle | None = None
    proxies: tuple[OwnProxy, ...] = ()
    catalogs: tuple[CatalogSetting, ...] = ()
