"""Where each command is, and what a run imports: start-up cost is what nobody sees growing."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import typer.main
from loopback import homes

from litellm_discover.cli.commands import MODULES
from litellm_discover.cli.main import app
from litellm_discover.io.example_proxy import example_proxy

if TYPE_CHECKING:
    from pathlib import Path


def registered(module: str) -> set[str]:
    """The commands that a module defines; a group by its name alone."""
    found = import_module(f"litellm_discover.cli.{module}").app
    names = {info.name or info.callback.__name__.replace("_", "-") for info in found.registered_commands}
    return {module} if found.registered_callback else names


@pytest.mark.parametrize("module", sorted(set(MODULES.values())))
def test_each_command_is_where_it_is_looked_for(module: str) -> None:
    """None of a module is missing in the table, and none is looked for in another one."""
    assert registered(module) == {name for name, home in MODULES.items() if home == module}


def test_the_program_has_them_all_in_their_order() -> None:
    """A name that is none gives nothing."""
    program: Any = typer.main.get_command(app)
    assert list(program.commands) == list(MODULES)
    assert {name: command.name for name, command in program.commands.items()} == {name: name for name in MODULES}
    assert program.commands.get("nonsense") is None


def imported(root: Path, *arguments: str, env: dict[str, str]) -> set[str]:
    """The modules that a run imports."""
    program = [sys.executable, "-X", "importtime", "-m", "litellm_discover", *arguments]
    variables = {**homes(root), **env}
    done = subprocess.run(program, env=variables, capture_output=True, text=True, timeout=30, check=True)
    lines = (line for line in done.stderr.splitlines() if line.startswith("import time:"))
    return {line.rpartition("|")[2].strip() for line in lines}


# The event loop of the daemon, what only a person looks at, and what explains a failure.
NEVER = {"anyio", "asyncio", "concurrent.futures", "logging", "rich", "json5", "yaml", "pydantic", "certifi"}
OURS = "litellm_discover"
WRITING = {f"{OURS}.planning", f"{OURS}.writing", f"{OURS}.io.schema", f"{OURS}.core.json_schema"}
ASKING = {"http.client", f"{OURS}.io.connection", f"{OURS}.sources.litellm", f"{OURS}.core.understanding"}
OTHERS = {f"{OURS}.explaining", f"{OURS}.readiness", f"{OURS}.io.instance", f"{OURS}.cli.shim", f"{OURS}.cli.daemon"}


def test_a_run_imports_what_it_uses(tmp_path: Path) -> None:
    """Asked live, as remembered, and with a write; nothing of another command, and never a second HTTP client."""
    with example_proxy() as (port, key):
        env = {"LITELLM_BASE_URL": f"http://127.0.0.1:{port}", "LITELLM_API_KEY": key}
        live = imported(tmp_path, "--json", env=env)
        remembered = imported(tmp_path, "--offline", "--json", env=env)
        written = imported(tmp_path, "--write", "opencode", env=env)
    assert not live & (NEVER | WRITING | OTHERS)
    assert not remembered & (NEVER | WRITING | OTHERS | ASKING)
    assert not written & (NEVER | OTHERS)
    assert live > ASKING
    assert f"{OURS}.writing" in written
