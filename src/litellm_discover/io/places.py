"""Where the files of this person's tools are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.io.stamp import cache_directory, state_directory

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Places:
    """The directories of one person, as the tools themselves find them on every platform."""

    home: Path
    variables: Mapping[str, str]

    def config(self, tool: str) -> Path:
        """The directory of the tool's configuration files."""
        return self._pi() if tool == "pi" else self._base("XDG_CONFIG_HOME", ".config") / tool

    def credentials(self, tool: str) -> Path:
        """The file in which the tool stores keys that it was given."""
        return (self._pi() if tool == "pi" else self._base("XDG_DATA_HOME", ".local/share") / tool) / "auth.json"

    def own_config(self) -> Path:
        """The file in which the person configures us."""
        return self.config("litellm-discover") / "config.toml"

    def registry(self) -> Path:
        """The person's registry of models, where they name no other file."""
        return self.own_config().with_name("ai_models.yaml")

    def state(self) -> Path:
        """Our own directory for what must not be lost: what we wrote, and whom the person trusts."""
        return Path(state_directory(str(self.home), self.variables))

    def pins(self) -> Path:
        """The file that says whom the person trusts."""
        return self.state() / "trust.json"

    def cache(self) -> Path:
        """Our own directory for what can be had again: the last good answer of each proxy."""
        return Path(cache_directory(str(self.home), self.variables))

    def locks(self) -> Path:
        """The directory of lock files."""
        return self.state() / "locks"

    def _base(self, variable: str, default: str) -> Path:
        # The XDG specification: a relative path is invalid and to be ignored.
        value = self.variables.get(variable, "")
        return Path(value) if Path(value).is_absolute() else self.home / default

    def _pi(self) -> Path:
        # Not of the XDG directories; ~ is the home there, too.
        value = self.variables.get("PI_CODING_AGENT_DIR", "")
        if value == "~" or value.startswith("~/"):
            return self.home / value[2:]
        return Path(value).absolute() if value else self.home / ".pi" / "agent"
