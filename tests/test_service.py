"""`daemon install` and `daemon uninstall`, with a `systemctl` of the test's own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
import services
from services import manager
from tool import discover

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about systemd")

UNIT = f"config/{services.UNIT}"


def asked(root: Path) -> list[str]:
    """What it was asked for."""
    path = root / "asked"
    return path.read_text().splitlines() if path.exists() else []


def test_install_writes_and_enables_and_uninstall_takes_it_away(tmp_path: Path) -> None:
    """Twice is once; the key of the environment is not in it; what was there beside it stays."""
    env = manager(tmp_path)
    done = discover("daemon", "install", root=tmp_path, env=env)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / UNIT).read_text()
    assert f"ExecStart={sys.executable} -I -m litellm_discover daemon run\n" in text
    assert "sk-not-in-the-unit" not in text
    assert f'Environment="XDG_STATE_HOME={tmp_path}/state"' in text
    assert asked(tmp_path) == [
        "--user daemon-reload",
        "--user enable litellm-discover.service",
        "--user restart litellm-discover.service",
    ]
    written = (tmp_path / UNIT).stat().st_mtime_ns
    assert "already there" in discover("daemon", "install", root=tmp_path, env=env).stderr
    assert (tmp_path / UNIT).stat().st_mtime_ns == written
    other = (tmp_path / UNIT).with_name("other.service")
    other.write_text("[Unit]\n")
    done = discover("daemon", "uninstall", root=tmp_path, env=env)
    assert (done.returncode, "removed" in done.stderr) == (0, True)
    assert not (tmp_path / UNIT).exists()
    assert other.exists()
    assert asked(tmp_path)[-2:] == ["--user disable --now litellm-discover.service", "--user daemon-reload"]
    assert "not there" in discover("daemon", "uninstall", root=tmp_path, env=env).stderr


def test_without_a_running_manager_the_person_is_told_what_to_do(tmp_path: Path) -> None:
    """As over ssh without a session: the unit is there, and the commands are printed."""
    done = discover("daemon", "install", root=tmp_path, env=manager(tmp_path, status=1))
    assert done.returncode == 0
    assert (tmp_path / UNIT).exists()
    assert "  systemctl --user enable litellm-discover.service\n" in done.stderr


def test_where_there_is_no_manager_nothing_is_written(tmp_path: Path) -> None:
    """A container, or another system."""
    (tmp_path / "home").mkdir()
    done = discover("daemon", "install", root=tmp_path, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "neither systemd nor launchd" in done.stderr
    assert not (tmp_path / UNIT).exists()


@pytest.mark.parametrize(("mode", "status"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1), (None, 1)])
def test_a_file_with_the_key_must_be_the_persons_alone(tmp_path: Path, mode: int | None, status: int) -> None:
    """It is named in the unit, and not read for it."""
    env = manager(tmp_path)
    path = tmp_path / "key.env"
    if mode is not None:
        path.write_text("LITELLM_API_KEY=sk-in-the-file\n")
        path.chmod(mode)
    done = discover("daemon", "install", "--environment-file", str(path), root=tmp_path, env=env)
    assert done.returncode == status, done.stderr
    assert (tmp_path / UNIT).exists() == (status == 0)
    if status == 0:
        text = (tmp_path / UNIT).read_text()
        assert f"EnvironmentFile={path}\n" in text
        assert "sk-in-the-file" not in text


def test_a_unit_of_the_persons_own_is_left(tmp_path: Path) -> None:
    """Of the same name: neither replaced nor removed."""
    env = manager(tmp_path)
    path = tmp_path / UNIT
    path.parent.mkdir(parents=True)
    path.write_text("[Service]\nExecStart=/bin/true\n")
    assert discover("daemon", "install", root=tmp_path, env=env).returncode == 1
    assert "not ours" in discover("daemon", "uninstall", root=tmp_path, env=env).stderr
    assert path.read_text() == "[Service]\nExecStart=/bin/true\n"
    assert asked(tmp_path) == []
