"""Which version of a tool is installed, without running it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from litellm_discover.core.transport import parse_version
from litellm_discover.errors import ConfigError
from litellm_discover.io import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.host import Installation, Version

# A program is at most this deep in its package: dist/bundle/cli.js.
_DEPTH = 5


def installed_version(installation: Installation, directory: Path, variables: Mapping[str, str]) -> Version | None:
    """The version of the program on the person's PATH, else the one that the tool noted down in ``directory``.

    None when neither tells: version managers may put a program of their own on the PATH.
    """
    found = shutil.which(installation.program, path=variables.get("PATH", ""))
    program = Path(found).resolve() if found else None
    for folder in program.parents[:_DEPTH] if program else ():
        package = _object(folder / "package.json")
        if package.get("name") in installation.packages and (version := _version(package.get("version"))):
            return version
    if installation.noted is None:
        return None
    file, key = installation.noted
    return _version(_object(directory / file).get(key))


def _version(value: object) -> Version | None:
    return parse_version(value) if isinstance(value, str) else None


def _object(path: Path) -> Mapping[str, object]:
    """The JSON object in a file; an empty one when there is none, or something else."""
    try:
        value = json.loads(files.read(path) or b"")
    except (ConfigError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
