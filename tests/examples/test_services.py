"""The units: exactly what `daemon install` writes, and what systemd and launchd can read."""

from __future__ import annotations

import os
import plistlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from example_home import EXAMPLES, Home, program
from services import UNIT, manager
from tool import PROGRAM

from litellm_discover.core.service_unit import Service, plist

if TYPE_CHECKING:
    from pathlib import Path

HOME = "/home/you"
PYTHON = f"{HOME}/.local/share/pipx/venvs/litellm-discover/bin/python"
SYSTEMD = EXAMPLES / "systemd" / "litellm-discover.service"
LAUNCHD = EXAMPLES / "launchd" / "io.github.litellm-discover.plist"


@pytest.mark.skipif(sys.platform != "linux", reason="about systemd")
def test_the_unit_is_what_install_writes(tmp_path: Path) -> None:
    """But for the home, the Python and the PATH."""
    home = Home(tmp_path / "reader")
    home.env["PATH"] = manager(tmp_path)["PATH"]
    key = home.path / ".config" / "litellm-discover" / "key.env"
    key.parent.mkdir(parents=True)
    key.write_text("LITELLM_API_KEY=sk-in-the-file\n")
    key.chmod(0o600)
    home.env.pop("LITELLM_DISCOVER_TIMEOUT")
    home.run([PROGRAM, "daemon", "install", "--environment-file", key])
    written = (home.path / ".config" / UNIT).read_text("utf-8")
    for theirs, ours in (
        (rf"(?<=ExecStart=){re.escape(str(PROGRAM.parent))}/python[\d.]*", PYTHON),
        (rf'(?<="PATH=){re.escape(home.env["PATH"])}', f"{HOME}/.local/bin:/usr/bin:/bin"),
        (re.escape(str(home.path)), HOME),
    ):
        written = re.sub(theirs, ours, written)
    assert SYSTEMD.read_text("utf-8") == written


def test_systemd_reads_the_unit(tmp_path: Path) -> None:
    """With nothing to complain of, once its program is there."""
    verify = program("systemd-analyze")
    (tmp_path / "run").mkdir()
    unit = tmp_path / SYSTEMD.name
    unit.write_text(SYSTEMD.read_text("utf-8").replace(PYTHON, "/bin/true"))
    env = {"PATH": os.defpath, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    words = [verify, "verify", "--user", "--man=no", str(unit)]
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    ours = [line for line in done.stderr.splitlines() if SYSTEMD.name in line]
    assert ours == []
    unit.write_text(unit.read_text().replace("Restart=on-failure", "Restart=sometimes"))
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert re.search(rf"{SYSTEMD.name}:\d+: .*sometimes", done.stderr)


def test_the_agent_for_launchd_is_what_install_writes() -> None:
    """Made by what makes it on macOS, for a home there; and it is a property list."""
    home = "/Users/you"
    command = (f"{home}/.local/share/pipx/venvs/litellm-discover/bin/python", "-I", "-m", "litellm_discover")
    service = Service(
        command=(*command, "daemon", "run"),
        variables={"PATH": f"{home}/.local/bin:/opt/homebrew/bin:/usr/bin:/bin"},
        key_file=None,
        writable=(),
        log=f"{home}/.local/state/litellm-discover/daemon.log",
    )
    assert LAUNCHD.read_text("utf-8") == plist(service)
    content = plistlib.loads(LAUNCHD.read_bytes())
    assert content["Label"] == LAUNCHD.stem
    assert content["ProgramArguments"][-3:] == ["run", "--log", service.log]
