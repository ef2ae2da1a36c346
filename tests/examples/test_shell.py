"""The lines for the profiles of shells, in the real shells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from example_home import ADDRESS, EXAMPLES, Home, program

if TYPE_CHECKING:
    from pathlib import Path

SHELLS = pytest.mark.parametrize(
    ("shell", "name", "options"),
    [
        ("bash", "bashrc.sh", ["--noprofile", "--norc"]),
        ("zsh", "zshrc.zsh", ["--no-rcs"]),
        ("fish", "config.fish", ["--no-config"]),
    ],
)


@SHELLS
def test_the_agent_starts_with_key_and_models(
    tmp_path: Path, addresses: dict[str, str], shell: str, name: str, options: list[str]
) -> None:
    """After the profile, `pi` is what makes it ready and starts it; arguments pass through.

    Something is remembered before, so that it is not a matter of seconds whether the proxy is quick enough.
    """
    home = Home(tmp_path, {"LITELLM_API_BASE": addresses[ADDRESS]})
    home.agent("pi")
    script = f'source {EXAMPLES / "shell" / name}; litellm-discover --quiet >/dev/null; pi -p "hello  there"'
    printed = home.run([program(shell), *options, "-c", script])
    assert printed == "key=sk-team arguments=-p hello  there\n"
    assert "house-model" in home.pi()


@SHELLS
@pytest.mark.parametrize("before", ["", "sk-before"])
def test_a_locked_store_or_no_program_changes_nothing(
    tmp_path: Path, shell: str, name: str, options: list[str], before: str
) -> None:
    """The shell starts in silence, a key that was there stays, and the agent starts."""
    home = Home(tmp_path, {"LITELLM_API_KEY": before} if before else {})
    home.agent("pi")
    home.env["PATH"] = f"{home.bin}:/usr/bin:/bin"
    (home.bin / "pass").write_text("#!/bin/sh\necho 'gpg: decryption failed' >&2\nexit 2\n")
    script = f"source {EXAMPLES / 'shell' / name}; pi x"
    assert home.run([program(shell), *options, "-c", script]) == f"key={before} arguments=x\n"


def test_completion_is_what_the_program_has(tmp_path: Path) -> None:
    """The option that the lines name, and commands that it completes."""
    home = Home(tmp_path)
    for path in (EXAMPLES / "shell").iterdir():
        assert "litellm-discover --install-completion" in path.read_text("utf-8")
    assert "--install-completion" in home.run(["litellm-discover", "--help"])
    home.env.update(_LITELLM_DISCOVER_COMPLETE="complete_bash", COMP_WORDS="litellm-discover doc", COMP_CWORD="1")
    assert home.run(["litellm-discover"]).split() == ["doctor"]
