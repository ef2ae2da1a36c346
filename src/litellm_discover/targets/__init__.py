"""The tools that can be written to: one module or package for each, registered here.

A target is pure: text and Catalog in, edits out. Which directory its files are in is the shell's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from litellm_discover.targets import opencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litellm_discover.core.host import HostOptions
    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Present
    from litellm_discover.core.transport import ResponsesStyle


class Target(Protocol):
    """What a module or package in here offers.

    ``FILES`` are names in the tool's configuration directory, the first that exists is the one to edit, the first
    of all is the one to create with ``EMPTY_FILE`` as its start. ``ADDRESS`` is the path of the proxy's address in it.
    """

    NAME: str
    FILES: tuple[str, ...]
    EMPTY_FILE: str
    ADDRESS: tuple[str, ...]

    def render(self, catalog: Catalog, style: ResponsesStyle = ...) -> dict[str, JsonValue]:
        """The configuration fragment that offers every model of the catalog."""

    def merge(self, present: Present, catalog: Catalog, style: ResponsesStyle = ..., *, prune: bool = ...) -> Merge:
        """The edits that bring a person's configuration up to the catalog. Raises ConfigError."""

    def read_options(self, config: JsonValue, stored: JsonValue, substitute: Callable[[str], str]) -> HostOptions:
        """What the person set for the proxy in the tool's own files."""


TARGETS: Mapping[str, Target] = {module.NAME: module for module in (opencode,)}
