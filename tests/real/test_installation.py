"""The wheel in empty environments, by each of the programs that people install it with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from stranger import installer
from tools.release import lock

if TYPE_CHECKING:
    from stranger import Stranger

pytestmark = pytest.mark.real


def test_pip_installs_it(stranger: Stranger) -> None:
    """Into an environment of its own."""
    environment = stranger.by_pip()
    stranger.works(environment / "bin" / "litellm-discover")
    stranger.has_all_and_no_more(environment)


def test_pipx_installs_it(stranger: Stranger) -> None:
    """With the man page where man finds it."""
    pipx = installer("pipx", "LITELLM_DISCOVER_TEST_PIPX", "pipx")
    stranger.run(pipx, "install", stranger.wheel)
    stranger.works(stranger.root / "bin" / "litellm-discover")
    assert (stranger.root / "man" / "man1" / "litellm-discover.1").is_file()
    stranger.has_all_and_no_more(stranger.root / "pipx" / "venvs" / "litellm-discover")


def test_uv_installs_it_as_a_tool(stranger: Stranger) -> None:
    """And takes it away again."""
    uv = installer("uv", "LITELLM_DISCOVER_TEST_UV", "uv")
    stranger.run(uv, "tool", "install", "--quiet", stranger.wheel)
    stranger.works(stranger.root / "bin" / "litellm-discover")
    stranger.has_all_and_no_more(stranger.root / "uv-tools" / "litellm-discover")
    stranger.run(uv, "tool", "uninstall", "litellm-discover")
    assert not (stranger.root / "bin" / "litellm-discover").exists()


def test_uvx_runs_it(stranger: Stranger) -> None:
    """Without installing it."""
    uvx = installer("uvx", "LITELLM_DISCOVER_TEST_UVX", "uv")
    stranger.works(uvx, "--quiet", "--from", stranger.wheel, "litellm-discover")
    assert not (stranger.root / "uv-tools" / "litellm-discover").exists()


@pytest.mark.long
def test_the_lock_installs_it_with_hashes(stranger: Stranger) -> None:
    """As docs/release.md says: nothing that the lock does not name."""
    stranger.run(sys.executable, "-m", "venv", "environment")
    pip = stranger.root / "environment" / "bin" / "pip"
    stranger.run(pip, "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock.LOCK)
    stranger.run(pip, "install", "--quiet", "--no-deps", stranger.wheel)
    stranger.run(pip, "check")
    stranger.works(stranger.root / "environment" / "bin" / "litellm-discover")
