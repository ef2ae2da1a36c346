"""The texts for systemd and launchd."""

from __future__ import annotations

import plistlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from litellm_discover.core.service_unit import LABEL, Service, plist, unit

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-I", "-m", "litellm_discover", "daemon", "run")


def service(**changes: object) -> Service:
    """One with all that can be difficult."""
    values: dict[str, object] = {
        "command": COMMAND,
        "variables": {"LITELLM_DISCOVER_URL": 'http://h:4000/100%/"x"\\', "PATH": "/usr/bin:/bin"},
        "key_file": "/home/me/100%.env",
        "writable": ("/home/me/.config/my opencode", "/home/me/.pi"),
        "log": "/home/me/.local/state/litellm-discover/daemon.log",
    }
    return Service(**{**values, **changes})  # type: ignore[arg-type]


def test_the_unit_starts_the_interpreter_in_isolation_and_holds_no_key() -> None:
    """Absolute, without what the working directory or PYTHON variables could put in its place."""
    lines = unit(service()).splitlines()
    assert f"ExecStart={' '.join(COMMAND)}" in lines
    assert "EnvironmentFile=/home/me/100%%.env" in lines
    assert 'Environment="LITELLM_DISCOVER_URL=http://h:4000/100%%/\\"x\\"\\\\"' in lines
    assert 'ReadWritePaths="-/home/me/.config/my opencode"' in lines
    assert {"NoNewPrivileges=yes", "PrivateTmp=yes", "ProtectHome=read-only", "MemoryMax=256M"} <= set(lines)
    assert not [line for line in unit(service(key_file=None)).splitlines() if line.startswith("EnvironmentFile")]


def test_an_interpreter_in_a_strange_place_stays_one_word() -> None:
    """Blanks, percent and dollar signs mean something to systemd."""
    text = unit(service(command=("/opt/my $py 5%/python", "-I")))
    assert 'ExecStart="/opt/my $$py 5%%/python" -I' in text.splitlines()


@pytest.mark.parametrize("bad", ["a\nExecStartPre=/bin/x", "a\x00", "a\x1b"])
def test_a_value_with_a_line_end_is_seen(bad: str) -> None:
    """It would be a line of its own."""
    assert service().unprintable() is None
    for where in ({"command": (bad,)}, {"variables": {"PATH": bad}}, {"key_file": bad}, {"writable": (bad,)}):
        assert service(**where).unprintable() == bad


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """As `systemd-analyze verify` sees it, and it finds it well protected."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not there")
    path = tmp_path / "litellm-discover.service"
    path.write_text(unit(service(key_file=None)))
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = subprocess.run(
        [analyze, "--user", "verify", path], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if path.name in line]
    assert not complaints
    rated = subprocess.run(
        [analyze, "security", "--offline=yes", "--threshold=30", path],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-400:] + rated.stderr


def test_the_agent_for_launchd_is_a_property_list() -> None:
    """With the same command, settings, and a log that stays small."""
    read = plistlib.loads(plist(service()).encode())
    assert read["Label"] == LABEL
    assert read["ProgramArguments"] == [*COMMAND, "--log", service().log]
    assert read["EnvironmentVariables"] == dict(service().variables)
    assert read["RunAtLoad"] is True
