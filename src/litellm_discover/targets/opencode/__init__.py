"""OpenCode: which file, what an entry looks like, and how it is merged.

The facts behind each rule (OpenCode 1.18.33) are in docs/opencode.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.targets.opencode.entries import NAME, render
from litellm_discover.targets.opencode.merging import SHAPE, merge
from litellm_discover.targets.opencode.options import read_options
from litellm_discover.targets.opencode.starting import STARTING, start_notices

if TYPE_CHECKING:
    from litellm_discover.core.host import Installation

__all__ = [
    "ADDRESS",
    "BLOCK_COMMENTS",
    "EMPTY_FILE",
    "FILES",
    "INSTALLATION",
    "NAME",
    "SCHEMA",
    "SHAPE",
    "STARTING",
    "TITLE",
    "merge",
    "read_options",
    "render",
    "render_complete",
    "start_notices",
]

TITLE = "OpenCode"

# OpenCode edits the first of these that exists; a new file is never config.json, which OpenCode 2 does not know.
FILES: tuple[str, ...] = ("opencode.jsonc", "opencode.json", "config.json")

# Where the address of the proxy stands.
ADDRESS: tuple[str, ...] = ("provider", "litellm", "options", "baseURL")

# With $schema in it OpenCode has no reason to rewrite the file at its start.
EMPTY_FILE = '{\n  "$schema": "https://opencode.ai/config.json"\n}\n'

BLOCK_COMMENTS = True

# What OpenCode does not know in an entry is ignored there; tests hold ours against its schema.
SCHEMA: str | None = None

# Nothing that we write depends on OpenCode's version.
INSTALLATION: Installation | None = None

# A plugin adds the same entries as a file does.
render_complete = render
