"""The tools that can be written to: one module or package for each, registered here.

A target is pure: text and Catalog in, edits out. Which directory its files are in is the shell's business.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from litellm_discover.core.merge import joined
from litellm_discover.core.providers import names_of, of_providers, retire
from litellm_discover.targets import opencode, pi

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from litellm_discover.core.host import HostOptions, Installation, Lookup, Rendering
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog, Notice
    from litellm_discover.core.ownership import Present
    from litellm_discover.core.providers import Shape
    from litellm_discover.core.starting import Named, Role, Starting


class Target(Protocol):
    """What a module or package in here offers.

    ``NAME`` is for command lines, ``TITLE`` for people. ``FILES`` are names in the tool's configuration directory, the
    first that exists is the one to edit, the first of all is the one to create with ``EMPTY_FILE`` as its start.
    ``ADDRESS`` is the path of the address of the proxy ``litellm`` in it, ``SHAPE`` how it keeps providers.
    ``BLOCK_COMMENTS`` is False for a tool that cannot read ``/* */``. ``SCHEMA`` names the JSON Schema in ``data`` that
    the whole file has to keep, and ``INSTALLATION`` says how the version is found, where what we write depends on it.
    ``STARTING`` says where it keeps the models that it starts with.
    """

    NAME: str
    TITLE: str
    FILES: tuple[str, ...]
    EMPTY_FILE: str
    ADDRESS: tuple[str, ...]
    BLOCK_COMMENTS: bool
    SCHEMA: str | None
    SHAPE: Shape
    INSTALLATION: Installation | None
    STARTING: Starting

    def render(self, catalog: Catalog, rendering: Rendering = ...) -> dict[str, JsonValue]:
        """The configuration fragment that offers every model of the catalog."""

    def render_complete(self, catalog: Catalog, rendering: Rendering = ...) -> dict[str, JsonValue]:
        """The same for a shim inside the tool, with every field that the tool's own interface insists on."""

    def merge(self, present: Present, catalog: Catalog, rendering: Rendering = ..., *, prune: bool = ...) -> Merge:
        """The edits that bring a person's configuration up to the catalog. Raises ConfigError."""

    def start_notices(self, config: JsonValue, named: Mapping[Role, Named]) -> tuple[Notice, ...]:
        """What else in the configuration can keep it from starting with these models."""

    def read_options(self, config: JsonValue, stored: JsonValue, lookup: Lookup) -> HostOptions:
        """What the person set for the proxy in the tool's own files."""


def merge_all(
    target: Target,
    present: Present,
    catalogs: Collection[Catalog],
    rendering: Rendering,
    silent: Collection[str],
    *,
    prune: bool,
) -> Merge:
    """The edits for all proxies at once: each catalog speaks of its own providers.

    What is ours of proxies with ``silent`` ids stays as it is, and of those with any other id it goes. Raises
    ConfigError.
    """
    merges = [target.merge(present, catalog, rendering, prune=prune) for catalog in catalogs]
    known = {*silent, *(catalog.proxy.id for catalog in catalogs)}
    done = joined([*merges, retire(target.SHAPE, present, known, prune=prune)])
    kept = of_providers(present, [name for each in silent for name in names_of(each)]).owned
    return replace(done, record={**kept, **done.record})


TARGETS: Mapping[str, Target] = {module.NAME: module for module in (opencode, pi)}


def target_names(names: Iterable[str]) -> tuple[str, ...]:
    """The targets meant by names given by a person, ``all`` among them, each once and in our own order."""
    wanted = set(names)
    return tuple(name for name in TARGETS if name in wanted or "all" in wanted)
