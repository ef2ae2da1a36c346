"""`shim install` for the real OpenCode and each real Pi, in a network that ends at this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from folders import tree
from opencode import OpenCode
from pi import Table
from servers import described, proxy
from tool import discover

if TYPE_CHECKING:
    from pi import Pi

pytestmark = pytest.mark.real

SUPPORT = Path(__file__).parents[1] / "support"
MODELS = ["claude-opus-4-8", "gpt-5.5", "mistral-small-4"]
INFO = [described(model, mode="chat") for model in MODELS]

# Wide, because the machine may be busy; where OpenCode is not prepared it takes 72 s.
LIMIT_S = 20
UNPREPARED_S = 15

OWN = '{\n  "$schema": "https://opencode.ai/config.json",\n  "share": "disabled" // mine\n}\n'
# What OpenCode makes by itself at its first start.
OF_OPENCODE = {".gitignore"}

# A proxy on the port that is looked at first, in the network of whoever starts this, for as long as a command takes.
WITH_PROXY = f"""
import subprocess, sys
sys.path.insert(0, {str(SUPPORT)!r})
from servers import proxy
with proxy({MODELS!r}, {INFO!r}, port=4000):
    sys.exit(subprocess.run(sys.argv[1:], check=False).returncode)
"""


@pytest.fixture(scope="module")
def alone() -> list[str]:
    """The beginning of a command line that is run where nothing but loopback can be reached."""
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    line = ["unshare", "--net", *rights, "sh", "-ec", 'ip link set lo up; exec "$@"', "sh"]
    try:
        tried = subprocess.run([*line, "true"], capture_output=True, text=True, timeout=30, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare")
    if tried.returncode != 0:
        pytest.skip(f"no network of its own can be had here: {tried.stderr[-200:]}")
    return line


def script(path: Path, *words: object) -> Path:
    """A program that runs this command line with the arguments that it is given."""
    quoted = " ".join("'" + str(word).replace("'", "'\\''") + "'" for word in words)
    path.write_text(f'#!/bin/sh\nexec {quoted} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def fresh(opencode_binary: Path, alone: list[str], tmp_path: Path) -> OpenCode:
    """OpenCode without any preparation, with a line of the person's, and without a network."""
    opencode = OpenCode(script(tmp_path / "opencode-alone", *alone, opencode_binary), tmp_path / "opencode")
    folder = opencode.config_path.parent
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "opencode.jsonc").write_text(OWN, encoding="utf-8")
    return opencode


def remember(root: Path, env: dict[str, str] | None = None) -> None:
    """What a run against a proxy leaves behind, which is then gone."""
    with proxy(MODELS, INFO) as (port, _):
        run = discover("--port", str(port), root=root, env=env)
    assert run.returncode == 0, run.stderr


def listed(opencode: OpenCode) -> set[str]:
    """The models of our providers, as OpenCode shows them within the time that it gets."""
    started = time.monotonic()
    result = opencode.models()
    assert time.monotonic() - started < LIMIT_S
    assert (result.returncode, result.stderr) == (0, "")
    ours = [line.split("/", 1) for line in result.stdout.split() if line.startswith("litellm")]
    return {model for _, model in ours}


def assert_nothing_was_installed(opencode: OpenCode) -> None:
    """OpenCode made no npm install for its plugin library, nor wanted to."""
    folder = opencode.config_path.parent
    assert list((folder / "node_modules").iterdir()) == []
    assert not (folder / "package.json").exists()
    assert not list((opencode.root / "state" / "opencode").rglob("*.lock"))
    assert not list((opencode.root / "home").rglob("_cacache"))


def test_opencode_lists_what_is_remembered_without_waiting_for_npm(fresh: OpenCode) -> None:
    """Then the plugin goes, with all that was made for it, and OpenCode has the models no longer."""
    folder = fresh.config_path.parent
    before = tree(folder)
    assert discover("shim", "install", "opencode", root=fresh.root).returncode == 0
    remember(fresh.root)
    assert listed(fresh) == set(MODELS)
    assert_nothing_was_installed(fresh)
    run = discover("shim", "uninstall", "opencode", root=fresh.root)
    assert (run.returncode, "left" in run.stderr) == (0, False)
    assert {name: what for name, what in tree(folder).items() if name not in OF_OPENCODE} == before
    assert listed(fresh) == set()


def test_opencode_finds_a_proxy_at_its_first_start(fresh: OpenCode, opencode_binary: Path, alone: list[str]) -> None:
    """Nothing is remembered, and the program that the plugin calls is the one that installed it."""
    assert discover("shim", "install", "opencode", root=fresh.root).returncode == 0
    script(fresh.root.parent / "opencode-alone", *alone, sys.executable, "-c", WITH_PROXY, opencode_binary)
    assert listed(fresh) == set(MODELS)
    assert_nothing_was_installed(fresh)


def test_opencode_reads_a_lock_that_got_our_name(fresh: OpenCode) -> None:
    """Beside names of the person's, in package.json too, all of which are installed."""
    folder = fresh.config_path.parent
    (folder / "node_modules" / "zod").mkdir(parents=True)
    (folder / "package.json").write_text('{"dependencies": {"zod": "^4.1.0"}}')
    (folder / "package-lock.json").write_text(
        '{\r\n\t"packages": {\r\n\t\t"": {"dependencies": {"zod": "^4.1.0"}}}}\r\n'
    )
    before = tree(folder)
    assert discover("shim", "install", "opencode", root=fresh.root).returncode == 0
    remember(fresh.root)
    assert listed(fresh) == set(MODELS)
    assert [path.name for path in (folder / "node_modules").iterdir()] == ["zod"]
    assert discover("shim", "uninstall", "opencode", root=fresh.root).returncode == 0
    assert {name: what for name, what in tree(folder).items() if name not in OF_OPENCODE} == before


@pytest.mark.long
def test_opencode_waits_where_it_is_not_prepared(fresh: OpenCode) -> None:
    """What the preparation is for: without it nothing is shown for a long time."""
    folder = fresh.config_path.parent
    assert discover("shim", "install", "opencode", root=fresh.root).returncode == 0
    remember(fresh.root)
    (folder / "node_modules").rmdir()
    (folder / "package-lock.json").unlink()
    process = subprocess.Popen(
        [fresh.root.parent / "opencode-alone", "models"],
        cwd=fresh.project,
        env=fresh._environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        with pytest.raises(subprocess.TimeoutExpired) as waited:
            process.communicate(timeout=UNPREPARED_S)
        assert not waited.value.stdout
        assert list((fresh.root / "state" / "opencode").rglob("*.lock"))
    finally:
        process.kill()
        process.communicate()


def table(pi: Pi, *before: str) -> Table:
    """What Pi shows with its extensions, when it is started behind these words."""
    words = [option for option in pi._plain() if option != "--no-extensions"]
    command = pi._command
    pi._command = [*map(Path, before), *command]
    try:
        done = pi._call("--list-models", *words, env=pi.path)
    finally:
        pi._command = command
    assert done.returncode == 0, done.stderr
    return Table(done.stdout + done.stderr, "")


def test_pi_lists_what_is_remembered(pi: Pi, alone: list[str]) -> None:
    """In every version; then the extension goes, and the models with it."""
    before = tree(pi.agent)
    assert discover("shim", "install", "pi", root=pi.root, env=pi.path).returncode == 0
    remember(pi.root, pi.path)
    assert set(table(pi, *alone).ids()) == set(MODELS)
    run = discover("shim", "uninstall", "pi", root=pi.root, env=pi.path)
    assert (run.returncode, "left" in run.stderr) == (0, False)
    assert before.items() <= tree(pi.agent).items()
    assert not (pi.agent / "extensions").exists()
    assert table(pi, *alone).ids() == []


def test_pi_finds_a_proxy_at_its_first_start(pi: Pi, alone: list[str]) -> None:
    """Nothing is remembered, and the program that the extension calls is the one that installed it."""
    assert discover("shim", "install", "pi", root=pi.root, env=pi.path).returncode == 0
    assert set(table(pi, *alone, sys.executable, "-c", WITH_PROXY).ids()) == set(MODELS)
