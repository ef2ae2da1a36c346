"""The files of the person's tools: what is set in them, and what a change of one would be."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litellm_discover.core import jsonc
from litellm_discover.core.host import HostOptions
from litellm_discover.core.merge import overlay
from litellm_discover.core.model import Notice
from litellm_discover.errors import ConfigError, JsoncError
from litellm_discover.io import files
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from pathlib import Path

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.transport import ResponsesStyle
    from litellm_discover.io.places import Places
    from litellm_discover.targets import Target


def host_options(places: Places) -> tuple[HostOptions, tuple[Notice, ...]]:
    """What the person set for the proxy in OpenCode's user-level files; a file that cannot be read is a notice."""
    target = TARGETS["opencode"]
    try:
        config = _configuration(target, places.config(target.NAME))
        stored = _parse(places.credentials(target.NAME))
    except ConfigError as error:
        return HostOptions(), (Notice("config_unreadable", f"{target.NAME}: {error.message}"),)
    directory = places.config(target.NAME)

    def substitute(text: str) -> str:
        return _substitute(text, places, directory)

    return target.read_options(config, stored, substitute), ()


def _substitute(text: str, places: Places, directory: Path) -> str:
    """OpenCode's ``{env:NAME}`` and ``{file:PATH}`` in a value; an unset variable or missing file is empty."""

    def content(match: re.Match[str]) -> str:
        name = match[1].strip()
        path = places.home / name[2:] if name.startswith("~/") else directory / name
        return (files.read(path) or b"").decode("utf-8", "replace").strip()

    text = re.sub(r"\{env:([^}]+)\}", lambda match: places.variables.get(match[1], ""), text)
    return re.sub(r"\{file:([^}]+)\}", content, text)


def _configuration(target: Target, directory: Path) -> JsonValue:
    """The tool's user-level configuration as it reads it: all of its files, the first in ``FILES`` on top."""
    config: JsonValue = {}
    for name in reversed(target.FILES):
        config = overlay(config, _parse(directory / name))
    return config


def _parse(path: Path) -> JsonValue:
    data = files.read(path)
    if data is None or not data.strip():
        return {}
    try:
        return jsonc.parse(jsonc.decode(data))
    except JsoncError as error:
        raise _located(error, path, hint=_JSON5_HINT if _is_json5(data) else error.hint) from None


_JSON5_HINT = "This is JSON5, which the tool itself cannot read: write it as JSON with comments. It was left as it is."


def _located(error: JsoncError, path: Path, *, hint: str) -> ConfigError:
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


@dataclass(frozen=True, slots=True)
class WritePlan:
    """A change of one file as a value: the same plan is shown, checked and carried out.

    ``before`` is None for a file that does not exist yet.
    """

    target: str
    path: Path
    before: bytes | None
    after: bytes
    merge: Merge

    @property
    def changes(self) -> bool:
        """Whether carrying it out would change anything."""
        return bool(self.merge.edits)

    def diff(self) -> str:
        """A unified diff, with values that look like secrets covered; empty when nothing changes."""
        before, after = ((data or b"").decode() for data in (self.before, self.after))
        name = str(self.path)
        lines = difflib.unified_diff(_lines(before), _lines(after), f"{name} (now)", f"{name} (then)")
        return _SECRET.sub(r"\1***", "".join(line if line.endswith("\n") else f"{line}\n" for line in lines))


# The values of the person's own lines around the change, unless they refer to the secret by name.
_SECRET = re.compile(
    r"""(?i)("[^"\n]*(?:key|token|secret|password|authorization|cookie)[^"\n]*"\s*:\s*")(?!\{(?:env|file):)[^"\n]+"""
)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def plan_write(name: str, catalog: Catalog, style: ResponsesStyle, places: Places) -> WritePlan:
    """What adding the catalog to the target ``name`` would change. Raises ConfigError; writes nothing."""
    target = TARGETS[name]
    directory = places.config(target.NAME)
    merge = target.merge(_configuration(target, directory), catalog, style)
    paths = [directory / file for file in target.FILES]
    path = next((path for path in paths if path.exists()), paths[0])
    before = files.read(path)
    start = before if before and before.strip() else target.EMPTY_FILE.encode()
    try:
        after = jsonc.encode(jsonc.edit(jsonc.decode(start), merge.edits))
    except JsoncError as error:
        raise _located(error, path, hint=error.hint) from None
    return WritePlan(target.NAME, path, before, after if merge.edits else before or b"", merge)


def carry_out(plan: WritePlan) -> None:
    """Write what was planned, or nothing when nothing changes. Raises ConfigError."""
    if plan.changes:
        files.write(plan.path, plan.after)
