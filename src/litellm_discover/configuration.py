"""What the person has set in the files of their tools."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from litellm_discover.core import jsonc
from litellm_discover.core.host import HostOptions, combined
from litellm_discover.core.merge import overlay
from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import still_ours
from litellm_discover.errors import ConfigError, JsoncError
from litellm_discover.io import files, state
from litellm_discover.own import own_config, registry
from litellm_discover.settings import resolve
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from litellm_discover.core.jsonc import Document, JsonValue
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Flags, Settings
    from litellm_discover.targets import Target


def settings_for(flags: Flags, places: Places, wanted: Collection[str] = ()) -> tuple[Settings, tuple[Notice, ...]]:
    """One run's settings from all sources, and what could not be read of the tools' files.

    Raises UsageError, and ConfigError for a file of ours that cannot be understood.
    """
    own = own_config(places)
    host, notices = host_options(places, wanted)
    return resolve(flags, places.variables, host, own, registry(flags.registry, places)), notices


def host_options(places: Places, wanted: Collection[str] = ()) -> tuple[HostOptions, tuple[Notice, ...]]:
    """What the person set for the proxy in the user-level files of all tools; a file that cannot be read is a notice.

    When one tool alone is ``wanted``, its word on the address comes before that of the others.
    """
    hosts: list[HostOptions] = []
    notices: list[Notice] = []
    for target in TARGETS.values():
        try:
            hosts.append(_options(target, places))
        except ConfigError as error:
            notices.append(Notice("config_unreadable", f"{target.NAME}: {error.message}"))
    preferred = next(iter(wanted)) if len(wanted) == 1 else None
    return combined(hosts, preferred), tuple(notices)


def _options(target: Target, places: Places) -> HostOptions:
    directory, credentials = places.config(target.NAME), places.credentials(target.NAME)
    path = edited_file(target, places)
    edited = parsed(path, files.read(path))
    stored = parsed(credentials, files.read(credentials))
    config = layered(target, directory, {path: edited.value})
    options = target.read_options(config, stored.value, _Lookup(places, directory))
    return replace(options, base_url_is_ours=_address_is_ours(target, path, edited, places))


@dataclass(frozen=True, slots=True)
class _Lookup:
    """References in the configuration of a tool, followed as the tool does."""

    places: Places
    directory: Path

    def variable(self, name: str) -> str | None:
        return self.places.variables.get(name)

    def file(self, path: str) -> str:
        where = self.places.home / path[2:] if path.startswith("~/") else self.directory / path
        return (files.read(where) or b"").decode("utf-8", "replace").strip()


def _address_is_ours(target: Target, path: Path, edited: Document, places: Places) -> bool:
    """Whether the address in the tool's file is still as we wrote it. Raises ConfigError."""
    digests = state.load(state.path_of(path, target.NAME, places)).record.get(target.ADDRESS, ())
    return bool(still_ours(edited, {target.ADDRESS: digests}))


def edited_file(target: Target, places: Places) -> Path:
    """The tool's file that is edited: the first that exists, else the first of all."""
    paths = [places.config(target.NAME) / name for name in target.FILES]
    return next((path for path in paths if path.exists()), paths[0])


def layered(target: Target, directory: Path, known: Mapping[Path, JsonValue]) -> JsonValue:
    """The tool's user-level configuration as it reads it: all of its files, the first in ``FILES`` on top.

    ``known`` has the values of files that were read already. Raises ConfigError for a file that cannot be read.
    """
    config: JsonValue = {}
    for path in reversed([directory / name for name in target.FILES]):
        config = overlay(config, known[path] if path in known else parsed(path, files.read(path)).value)
    return config


def parsed(path: Path, data: bytes | None) -> Document:
    """What is in a file; one that is not there, or blank, counts as an empty object. Raises ConfigError."""
    data = data if data and data.strip() else b"{}"
    try:
        return jsonc.read(jsonc.decode(data))
    except JsoncError as error:
        raise located(error, path, hint=_JSON5_HINT if _is_json5(data) else error.hint) from None


_JSON5_HINT = "This is JSON5, which the tool itself cannot read: write it as JSON with comments. It was left as it is."


def located(error: JsoncError, path: Path, *, hint: str) -> ConfigError:
    """The error with its file, and with what to do."""
    remedy = hint or "Correct the file there; it was left as it is."
    return ConfigError(f"{path}: {error.message}", hint=remedy, code=error.code)


def _is_json5(data: bytes) -> bool:
    import json5

    # Its reader takes 5 µs a byte and more: only what a person writes by hand is worth asking about.
    if len(data) > 64 * 1024:
        return False
    try:
        json5.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    return True
