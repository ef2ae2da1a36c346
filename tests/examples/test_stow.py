"""The packages for GNU stow, with the real stow: links stay links, and what changes is in the person's repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example_home import EXAMPLES, Home, copied, program

if TYPE_CHECKING:
    from pathlib import Path


def stow(home: Home, packages: Path, *options: str) -> list[str | Path]:
    """The command for these packages."""
    return [program("stow"), "--dir", packages, "--target", home.path, *options]


@pytest.mark.parametrize("folding", [False, True])
def test_the_file_behind_the_link_is_written(tmp_path: Path, addresses: dict[str, str], *, folding: bool) -> None:
    """With links to files, as the example says, and with one to the whole folder, as stow does by itself."""
    home = Home(tmp_path)
    packages = copied(EXAMPLES / "stow", home.path / "dotfiles", addresses)
    (home.path / ".config").mkdir()
    words = stow(home, packages, *([] if folding else ["--no-folding"]))
    home.run([*words, "litellm-discover", "opencode"])
    link, real = (top / ".config/opencode/opencode.jsonc" for top in (home.path, packages / "opencode"))
    assert link.is_symlink() is not folding
    assert link.resolve() == real
    where = link.readlink() if not folding else link.parent.readlink()

    assert "added 3 models" in home.run(["litellm-discover", "--write"])
    assert (link.readlink() if not folding else link.parent.readlink()) == where
    assert link.resolve() == real
    assert '"share": "disabled", // mine' in real.read_text("utf-8")
    assert "house-model" in home.opencode()
    assert b"sk-team" not in real.read_bytes()

    before = (real.read_bytes(), real.stat().st_mtime_ns, real.stat().st_ino)
    home.run(["litellm-discover", "--write"])
    assert (real.read_bytes(), real.stat().st_mtime_ns, real.stat().st_ino) == before
    home.run([*words, "--delete", "litellm-discover", "opencode"])
    assert not link.exists()
    assert real.read_bytes() == before[0]


def test_a_repository_that_others_can_write_is_refused(tmp_path: Path, addresses: dict[str, str]) -> None:
    """As a clone made with umask 002 is; what to do is said, and done by the line of the README."""
    home = Home(tmp_path)
    packages = copied(EXAMPLES / "stow", home.path / "dotfiles", addresses)
    real = packages / "litellm-discover/.config/litellm-discover/config.toml"
    real.chmod(0o664)
    (home.path / ".config").mkdir()
    home.run([*stow(home, packages), "litellm-discover"])
    assert "chmod go-w" in home.run(["litellm-discover", "--write"], status=1)
    real.chmod(0o644)
    home.run(["litellm-discover", "--write"])
