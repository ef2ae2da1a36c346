from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import pytest

from litellm_discover.io import stamp
from litellm_discover.io.places import Places

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENVIRON = {"LITELLM_API_BASE": "http://h/v1", "LITELLM_API_KEY": "sk-secret-1234567890"}


def put(home: Path, taken_at: float, environ: Mapping[str, str] = ENVIRON) -> Path:
    """A stamp for a file and for one that is not there; gives the file."""
    file = home / "config.json"
    file.write_text("{}")
    path = Places(home, environ).cache() / "ready-pi.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stamp.make(taken_at, environ, [str(file), str(home / "absent")]))
    return file


def holds(home: Path, environ: Mapping[str, str] = ENVIRON) -> bool:
    """Whether the stamp holds for this home."""
    return stamp.age("pi", str(home), environ) is not None


@pytest.mark.parametrize("age", [0, 400])
def test_a_stamp_holds_while_nothing_changes(tmp_path: Path, age: float) -> None:
    """The same settings, the same files; it says how old it is."""
    put(tmp_path, time.time() - age)
    found = stamp.age("pi", str(tmp_path), ENVIRON)
    assert found is not None
    assert age <= found < age + 60
    assert stamp.age("opencode", str(tmp_path), ENVIRON) is None


def test_a_stamp_from_the_future_says_nothing(tmp_path: Path) -> None:
    """A clock was set back."""
    put(tmp_path, time.time() + 1000)
    assert not holds(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"LITELLM_API_BASE": "http://other/v1"},
        {"LITELLM_API_BASE": ""},
        {"LITELLM_API_KEY": ""},
        {"LITELLM_MASTER_KEY": "sk"},
        {"LITELLM_DISCOVER_PORT": "4100"},
        {"PI_CODING_AGENT_DIR": "/elsewhere"},
    ],
)
def test_a_stamp_is_for_its_settings(tmp_path: Path, change: dict[str, str]) -> None:
    """Another address, or a key that came or went, is another proxy or another answer."""
    put(tmp_path, time.time())
    assert not holds(tmp_path, {**ENVIRON, **change})


def test_a_stamp_is_for_its_files(tmp_path: Path) -> None:
    """Changed, replaced, gone or new."""
    file = put(tmp_path, time.time())
    seen = file.stat()
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns + 1))
    assert not holds(tmp_path)
    put(tmp_path, time.time()).unlink()
    assert not holds(tmp_path)
    put(tmp_path, time.time())
    (tmp_path / "absent").touch()
    assert not holds(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b'{"schemaVersion": 1}', b"\xff", b'{"schemaVersion": 1, "takenAt": "x"}']
)
def test_a_damaged_stamp_holds_nothing(tmp_path: Path, content: bytes) -> None:
    """Whatever it is, the long way is gone, and nothing is raised."""
    put(tmp_path, time.time())
    (Places(tmp_path, ENVIRON).cache() / "ready-pi.json").write_bytes(content)
    assert not holds(tmp_path)


def test_a_stamp_of_another_version_holds_nothing(tmp_path: Path) -> None:
    """It may mean something else."""
    put(tmp_path, time.time())
    path = Places(tmp_path, ENVIRON).cache() / "ready-pi.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "schemaVersion": 2}))
    assert not holds(tmp_path)


def test_no_key_is_in_a_stamp() -> None:
    """Only whether there is one."""
    assert b"sk-secret" not in stamp.make(1.0, ENVIRON, [])
