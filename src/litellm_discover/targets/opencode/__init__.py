"""OpenCode: which file, what an entry looks like, and how it is merged.

The facts behind each rule (OpenCode 1.18.33) are in docs/opencode.md.
"""

from litellm_discover.targets.opencode.entries import render
from litellm_discover.targets.opencode.merging import merge
from litellm_discover.targets.opencode.options import read_options

__all__ = ["ADDRESS", "EMPTY_FILE", "FILES", "NAME", "merge", "read_options", "render"]

NAME = "opencode"

# OpenCode edits the first of these that exists; a new file is never config.json, which OpenCode 2 does not know.
FILES: tuple[str, ...] = ("opencode.jsonc", "opencode.json", "config.json")

# Where the address of the proxy stands.
ADDRESS: tuple[str, ...] = ("provider", "litellm", "options", "baseURL")

# With $schema in it OpenCode has no reason to rewrite the file at its start.
EMPTY_FILE = '{\n  "$schema": "https://opencode.ai/config.json"\n}\n'
