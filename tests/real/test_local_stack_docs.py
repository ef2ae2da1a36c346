"""docs/local-stack.md as its reader follows it: the blocks of the offline part, in one shell, with the real tools."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from litellm_proxy import free_port

if TYPE_CHECKING:
    from opencode import OpenCode

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
LIMIT_S = 300.0

PARTS = ("Start it, offline", "Connect the agents", "Ask", "Make the routers the defaults", "End it")


def _blocks() -> list[str]:
    parts = re.split(r"^## ", (ROOT / "docs" / "local-stack.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = {part.partition("\n")[0]: part for part in parts}
    return [block for part in PARTS for block in re.findall(r"```sh\n(.*?)```", texts[part], re.DOTALL)]


def _clone(root: Path, litellm: Path) -> None:
    """What the tutorial uses of a clone, with LiteLLM installed already."""
    example = root / "examples" / "litellm-local"
    shutil.copytree(ROOT / "examples" / "litellm-local", example, ignore=shutil.ignore_patterns(".venv", ".env"))
    (root / "requirements").mkdir()
    lock = shutil.copy(ROOT / "requirements" / "litellm.txt", root / "requirements")
    (example / ".venv").mkdir()
    (example / ".venv" / "bin").symlink_to(litellm.parent)
    (example / ".venv" / "installed").write_text(hashlib.sha256(Path(lock).read_bytes()).hexdigest(), "utf-8")


def test_the_tutorial_leads_to_two_chats(
    litellm_binary: Path, opencode_binary: Path, opencode: OpenCode, tmp_path: Path
) -> None:
    """Start, connect, ask: the two models that the page names answer; the key is in no file but the one for it."""
    clone = tmp_path / "clone"
    _clone(clone, litellm_binary)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "opencode").symlink_to(opencode_binary)
    (programs / "litellm-discover").symlink_to(Path(sys.executable).with_name("litellm-discover"))
    script = "set -eu\n" + "".join(_blocks()).replace("--offline >", f"--offline --port {free_port()} >")
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=clone,
        env={**opencode._environment(), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_S,
    )
    log = clone / "examples" / "litellm-local" / "stack.log"
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\n{log.read_text(encoding='utf-8')[-2000:]}"
    answers = re.findall(r"This is \S+ offline\.", done.stdout)
    assert answers == ["This is deepseek-v4-flash, offline.", "This is kimi-k2.6, offline."]
    exported = log.with_name("stack.env")
    assert exported.stat().st_mode & 0o077 == 0
    key = exported.read_text(encoding="utf-8").strip().rpartition("=")[2]
    written = (opencode.config_path.parent / "opencode.jsonc").read_text(encoding="utf-8")
    assert "opencodego-router" in json.loads(written)["provider"]["litellm"]["models"]
    assert key not in written
    assert key not in log.read_text(encoding="utf-8")
