"""A manager of services that only writes down what it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "systemd/user/litellm-discover.service"
"""Below the folder of configurations."""


def manager(root: Path, status: int = 0) -> dict[str, str]:
    """An environment whose ``systemctl`` writes down what it is asked for, and ends with this status."""
    folder = root / "bin"
    folder.mkdir(exist_ok=True)
    (root / "home").mkdir(exist_ok=True)
    program = folder / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {root}/asked\nexit {status}\n')
    program.chmod(0o755)
    return {"PATH": str(folder) + ":/usr/bin:/bin", "LITELLM_API_KEY": "sk-not-in-the-unit"}
