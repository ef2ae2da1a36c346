#!/usr/bin/env python3
"""Adds the providers of providers.json to LiteLLM's own list, and starts LiteLLM with the arguments given.

LiteLLM reads that list from one file in its own package, and from nowhere else: there is no setting for it. A file
mounted over it takes LiteLLM's own providers away, at a path that holds the version of Python. So the package is asked
where it is, and the entries are added. It is done at each start, since a new version brings a new file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

OURS = Path(__file__).with_name("providers.json")
_FIND = "import importlib.util as u; print(u.find_spec('litellm').origin)"


class ProvidersError(Exception):
    """The list of providers could not be found, read or written. The message is for people."""


def add_providers(litellm: Path, ours: Path = OURS) -> Path:
    """Add our providers to the list of the LiteLLM that `litellm` starts, and name the file that holds it.

    Raises ProvidersError.
    """
    target = _list_of(litellm)
    shipped, added = _read(target), _read(ours)
    for name, provider in added.items():
        # LiteLLM stops reading at an entry without these, and every provider after it would be missing.
        if not isinstance(provider, dict) or not {"base_url", "api_key_env"} <= provider.keys():
            raise ProvidersError(f"{ours}: {name} needs a base_url and an api_key_env")
    if shipped | added != shipped:
        _replace(target, json.dumps(shipped | added, indent=2) + "\n")
    return target


def _list_of(litellm: Path) -> Path:
    # The interpreter beside the program is the one that runs it, in any environment and in the image.
    python = litellm.resolve().with_name("python3")
    try:
        done = subprocess.run([python, "-I", "-c", _FIND], capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ProvidersError(f"{python} has no LiteLLM; is {litellm} really one?") from error
    return Path(done.stdout.strip()).parent / "llms" / "openai_like" / "providers.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProvidersError(f"cannot read the providers of {path}: {error}") from error
    if not isinstance(content, dict):
        raise ProvidersError(f"{path} holds no JSON object")
    return content


def _replace(target: Path, text: str) -> None:
    # In one step: another LiteLLM may be starting from the same package now.
    try:
        mode = target.stat().st_mode
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, delete=False) as new:
            new.write(text)
        Path(new.name).chmod(mode)
        Path(new.name).replace(target)
    except OSError as error:
        raise ProvidersError(f"cannot write {target}: {error}; LiteLLM's package must be writable here") from error


def main() -> None:
    """Add them, and become LiteLLM."""
    found = shutil.which("litellm")
    if found is None:
        sys.exit("start_litellm: there is no program litellm on the PATH")
    try:
        add_providers(Path(found))
    except ProvidersError as error:
        sys.exit(f"start_litellm: {error}")
    os.execv(found, [found, *sys.argv[1:]])  # noqa: S606  no shell is wanted


if __name__ == "__main__":
    main()
