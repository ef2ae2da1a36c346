"""The man page and the shells' completions, made from the command itself and kept in ``share``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.release import man

ROOT = Path(__file__).parents[2]
LIMIT_S = 30

NAME = "litellm-discover"

# Where each shell looks for it below an installation's share folder.
COMPLETIONS = {
    "bash": f"bash-completion/completions/{NAME}",
    "fish": f"fish/vendor_completions.d/{NAME}.fish",
    "zsh": f"zsh/site-functions/_{NAME}",
}

# A file in zsh's function path is run as the function itself at its first use: then it has to complete at once.
_ZSH_REGISTERED = f"compdef _litellm_discover_completion {NAME}"
_ZSH_AUTOLOADED = f"""\
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _litellm_discover_completion "$@"
else
  {_ZSH_REGISTERED}
fi"""


def contents() -> dict[str, str]:
    """Every file of ``share``, by its path there."""
    pages = {f"man/man1/{NAME}.1": man.page()}
    return pages | {path: completion(shell) for shell, path in COMPLETIONS.items()}


def completion(shell: str) -> str:
    """What a shell runs to complete our command line: it asks the command."""
    done = subprocess.run(
        [sys.executable, "-m", "litellm_discover"],
        env={**os.environ, "_LITELLM_DISCOVER_COMPLETE": f"source_{shell}"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=LIMIT_S,
    )
    lines = "\n".join(line.rstrip() for line in done.stdout.splitlines()).strip() + "\n"
    if shell != "zsh":
        return lines
    before, registered, after = lines.partition(_ZSH_REGISTERED)
    assert registered, "typer registers the function in another way now"  # noqa: S101 - for who takes a new typer
    return before + _ZSH_AUTOLOADED + after


def write(folder: Path) -> list[Path]:
    """Write them all; gives their paths."""
    paths = []
    for name, text in contents().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
        paths.append(path)
    return paths
