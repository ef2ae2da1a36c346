"""The programs that are measured: what `make tools` and `make peers` installed, and of which versions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from pi import VERSIONS

ROOT = Path(__file__).parents[1]

_TOOLS = ROOT / ".tools"
_PI_LINE = next(reversed(VERSIONS))
_PEERS = ("opencode-plugin-litellm", "pi-provider-litellm", "pi-litellm")


def opencode() -> Path:
    """The program of OpenCode. Raises FileNotFoundError, as all of these do."""
    return _only("opencode/node_modules/opencode-*/bin/opencode")


def node() -> Path:
    """The Node that runs Pi."""
    return _only("pi/node_modules/node-*/bin/node")


def pi() -> Path:
    """The npm package of the newest Pi."""
    return _only(f"pi/node_modules/pi-{_PI_LINE}")


def peer(name: str) -> Path:
    """The npm package of a peer."""
    return _only(f"peers/node_modules/{name}")


def versions() -> dict[str, str]:
    """Each program and package with its version."""
    described = {"Pi": pi(), **{name: peer(name) for name in _PEERS}}
    return {
        "OpenCode": _said_by(opencode()),
        "Node": _said_by(node()).removeprefix("v"),
        **{name: json.loads((path / "package.json").read_text("utf-8"))["version"] for name, path in described.items()},
    }


def _only(pattern: str) -> Path:
    found = sorted(_TOOLS.glob(pattern))
    if not found:
        raise FileNotFoundError(f"nothing is at {_TOOLS / pattern}: run `make tools peers`")
    return found[0]


def _said_by(program: Path) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()
