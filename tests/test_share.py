"""The man page and the completions: as the command is now, and understood by what reads them."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from loopback import homes
from tools.release import share

ROOT = Path(__file__).parents[1]
LIMIT_S = 60

PROGRAMS = Path(sys.executable).parent
PAGE = ROOT / "share" / "man" / "man1" / "litellm-discover.1"


def needs(program: str) -> pytest.MarkDecorator:
    """Skip where a program is missing."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not here")


@pytest.fixture(scope="module")
def contents() -> dict[str, str]:
    """What the command says now."""
    return share.contents()


def test_what_is_kept_is_what_the_command_says_now(contents: dict[str, str]) -> None:
    """Neither more nor less. Otherwise: `make share`, and commit what it wrote."""
    kept = ROOT / "share"
    found = {path.relative_to(kept).as_posix(): path.read_text("utf-8") for path in kept.rglob("*") if path.is_file()}
    assert found == contents, "run `make share`"


def test_the_page_names_every_command_and_no_hidden_one() -> None:
    """Also those below others."""
    text = PAGE.read_text("utf-8")
    for command in ("trust", "undo", "doctor", "shim install", "catalog build", "daemon run"):
        assert f'.SS "{command}"\n' in text
    assert '.SS "ready"' not in text
    assert text.isascii()


@needs("man")
def test_man_shows_the_page_without_a_complaint() -> None:
    """With all warnings on."""
    done = subprocess.run(
        ["man", "--warnings", "-l", str(PAGE)],
        env={**os.environ, "LC_ALL": "C", "MANWIDTH": "100"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--write [TARGET]" in done.stdout


@needs("mandoc")
def test_mandoc_has_nothing_against_the_page() -> None:
    """But that it has no date: the same source is to give the same page."""
    done = subprocess.run(
        ["mandoc", "-T", "lint", str(PAGE)], capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    complaints = [line for line in done.stdout.splitlines() if "missing date" not in line]
    assert complaints == []


def environment(root: Path) -> dict[str, str]:
    """A home of its own, where the command is found."""
    (root / "home").mkdir()
    return {**homes(root), "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}", "TERM": "dumb"}


# A line that is being typed, and what it may become.
TYPED = [
    ("litellm-discover unt", {"untrust"}),
    ("litellm-discover undo ", {"opencode", "pi"}),
    ("litellm-discover undo o", {"opencode"}),
    ("litellm-discover --write ", {"all", "opencode", "pi"}),
    ("litellm-discover --json --for ", {"all", "opencode", "pi"}),
    ("litellm-discover --names ", {"catalog", "pretty", "raw"}),
    ("litellm-discover shim install ", {"opencode", "pi"}),
    ("litellm-discover daemon st", {"status", "stop"}),
    ("litellm-discover hook ", {"bash", "fish", "pwsh", "zsh"}),
]


@needs("bash")
@pytest.mark.parametrize(("line", "offered"), TYPED)
def test_bash_completes(line: str, offered: set[str], tmp_path: Path) -> None:
    """The function that is registered for the command gives the words."""
    script = f"""
source {share.COMPLETIONS["bash"]}
set -- $(complete -p litellm-discover)
while [ "$1" != -F ]; do shift; done
COMP_LINE='{line}'
read -ra COMP_WORDS <<< "$COMP_LINE"
[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
"$2" litellm-discover
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=ROOT / "share",
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert (set(done.stdout.split()), done.stderr) == (offered, "")


@needs("fish")
@pytest.mark.parametrize(("line", "offered"), TYPED)
def test_fish_completes(line: str, offered: set[str], tmp_path: Path) -> None:
    """From the file in its vendor folder."""
    script = f"source {share.COMPLETIONS['fish']}; complete --do-complete '{line}'"
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        cwd=ROOT / "share",
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert {each.split("\t")[0] for each in done.stdout.splitlines()} == offered, done.stderr


@needs("zsh")
@pytest.mark.parametrize("line", ["litellm-discover unt", "litellm-discover undo op"])
def test_zsh_completes_at_the_first_use(line: str, tmp_path: Path) -> None:
    """From the folder that an installation has it in: typed at a terminal, with one press of the key."""
    env = environment(tmp_path)
    start = f"""
fpath=({ROOT / "share" / "zsh" / "site-functions"} $fpath)
PS1='READY> '
autoload -Uz compinit && compinit -u -D
"""
    (tmp_path / "home" / ".zshrc").write_text(start, "utf-8")
    done = {"litellm-discover unt": "untrust ", "litellm-discover undo op": "undo opencode "}[line]
    shown = typed(["zsh", "-i"], {**env, "ZDOTDIR": str(tmp_path / "home")}, f"{line}\t", until=done)
    assert done in shown


def typed(program: list[str], env: dict[str, str], keys: str, *, until: str) -> str:
    """What a program shows at a terminal of its own after keys were pressed at its prompt."""
    terminal, its_end = pty.openpty()
    with subprocess.Popen(
        program, env=env, stdin=its_end, stdout=its_end, stderr=its_end, start_new_session=True, close_fds=True
    ) as child:
        os.close(its_end)
        try:
            shown = _shown(terminal, "READY> ")
            os.write(terminal, keys.encode())
            return shown + _shown(terminal, until)
        finally:
            child.kill()
            os.close(terminal)


def _shown(terminal: int, until: str) -> str:
    """What is shown until a text is in it, or the time is up."""
    shown = ""
    ends = time.monotonic() + LIMIT_S
    while until not in shown and time.monotonic() < ends:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return shown
