"""The plugins that run inside the tools: where their text is, and where each tool finds one by itself."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.io.places import Places

NAME = "litellm-discover.js"

# In each tool's configuration directory.
FOLDERS = {"opencode": "plugins", "pi": "extensions"}

_PACKAGED, _CHECKOUT = (Path(__file__).parents[level] / "plugin_shim" for level in (1, 3))
_LINE = 'const COMMAND = ["litellm-discover"];'
_COMMAND = re.compile(r"^const COMMAND = (\[.*\]);$", re.MULTILINE)


def path_of(target: str, places: Places) -> Path:
    """Where the tool finds it."""
    return places.config(target) / FOLDERS[target] / NAME


def content(target: str, command: Sequence[str]) -> bytes:
    """Its bytes, calling this command. Raises RuntimeError when its text is not as it has to be."""
    text = (source() / target / NAME).read_text("utf-8")
    if text.count(_LINE) != 1:
        raise RuntimeError(_LINE)
    return text.replace(_LINE, f"const COMMAND = {json.dumps([*command])};").encode()


def command_in(data: bytes) -> tuple[str, ...]:
    """The command that an installed one calls; empty when that cannot be told."""
    found = _COMMAND.search(data.decode("utf-8", "replace"))
    try:
        command = json.loads(found[1]) if found else []
    except ValueError:
        return ()
    return tuple(each for each in command if isinstance(each, str))


def source() -> Path:
    """The folder with all of them: inside the package, or in a checkout at the top of the repository."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT
