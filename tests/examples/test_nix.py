"""The module for home-manager: read by Nix, and what comes out of it is carried out. nixpkgs itself is not here."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from example_home import ADDRESS, EXAMPLES, Home, program
from tool import PROGRAM

from litellm_discover import __version__
from litellm_discover.core.own_config import understand
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from pathlib import Path

NIX = EXAMPLES / "nix"

# What the module asks of nixpkgs and home-manager.
EVALUATED = """
let
  lib = {{
    mkOption = option: option;
    types = {{ package = {{}}; str = {{}}; listOf = type: type; enum = values: values; }};
    hm.dag.entryAfter = after: data: {{ inherit after data; }};
  }};
  pkgs = {{ callPackage = path: arguments: path; writeText = name: text: "{files}/${{name}}"; }};
  config.programs.litellm-discover = {{
    package = "{package}";
    url = "{address}";
    keyCommand = [ "{pass_}" "litellm/api/token" ];
    write = [ "opencode" "pi" ];
  }};
in (import {module} {{ inherit config lib pkgs; }}).config
"""


@pytest.mark.parametrize("path", sorted(NIX.glob("*.nix")), ids=lambda path: path.name)
def test_nix_reads_it(tmp_path: Path, path: Path) -> None:
    """Syntax, and names that are nowhere."""
    Home(tmp_path).run([program("nix-instantiate"), "--parse", path])


def test_the_version_is_ours() -> None:
    """A package of another one would be built from this source."""
    assert f'version = "{__version__}";' in (NIX / "package.nix").read_text("utf-8")


def evaluated(home: Home, root: Path, addresses: dict[str, str]) -> Any:
    """The configuration that the module makes."""
    (root / "package" / "bin").mkdir(parents=True)
    (root / "package" / "bin" / PROGRAM.name).symlink_to(PROGRAM)
    (root / "opencode.jsonc").write_text("{}\n")
    text = EVALUATED.format(
        files=root,
        package=root / "package",
        address=addresses[ADDRESS],
        pass_=home.bin / "pass",
        module=NIX / "litellm-discover.nix",
    )
    words = ["--eval", "--strict", "--json", "--expr", text]
    printed = home.run([program("nix-instantiate"), "--option", "build-users-group", "", *words])
    return json.loads(printed.splitlines()[-1])


def test_what_it_makes_works(tmp_path: Path, addresses: dict[str, str]) -> None:
    """Its config.toml is understood; its activation writes beside a file that is read-only, and twice is once."""
    home = Home(tmp_path)
    made = evaluated(home, tmp_path, addresses)

    text = made["xdg"]["configFile"]["litellm-discover/config.toml"]["text"]
    understand(text, "config.toml", TARGETS)
    assert tomllib.loads(text)["write"] == ["opencode", "pi"]
    store = tmp_path / "store"
    store.mkdir()
    theirs = {"share": "disabled", "provider": {"litellm": {"models": {"house-model": {"name": "Mine"}}}}}
    for name, content in (("config.toml", text), ("opencode.json", json.dumps(theirs))):
        (store / name).write_text(content)
        (store / name).chmod(0o444)
        folder = home.path / ".config" / ("opencode" if name.endswith("json") else "litellm-discover")
        folder.mkdir(parents=True)
        (folder / name).symlink_to(store / name)

    activation = made["home"]["activation"]["litellmDiscover"]
    assert activation["after"] == ["linkGeneration"]
    home.run(["bash", "-euc", 'run() { echo "$@"; }\n' + activation["data"]])
    assert not (home.path / ".config" / "opencode" / "opencode.jsonc").exists()

    script = ["bash", "-euc", 'run() { "$@"; }\n' + activation["data"]]
    assert "added 2 models" in home.run(script)
    assert home.opencode().keys() == {"claude-sonnet-4-6", "house-model-canary"}
    assert json.loads((store / "opencode.json").read_bytes()) == theirs
    assert "up to date" in home.run(script)

    service = made["systemd"]["user"]["services"]["litellm-discover"]["Service"]
    assert service["ExecStart"] == f"{tmp_path}/package/bin/litellm-discover daemon run"


def test_a_proxy_that_is_away_does_not_break_a_switch(tmp_path: Path) -> None:
    """The models stay as they are, and it is said."""
    home = Home(tmp_path)
    made = evaluated(home, tmp_path, {ADDRESS: "http://127.0.0.1:9"})
    folder = home.path / ".config" / "litellm-discover"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(made["xdg"]["configFile"]["litellm-discover/config.toml"]["text"])
    (folder / "config.toml").chmod(0o644)
    script = 'run() { "$@"; }\n' + made["home"]["activation"]["litellmDiscover"]["data"]
    assert "stay as they are" in home.run(["bash", "-euc", script])


def test_a_file_in_the_store_is_refused(tmp_path: Path, addresses: dict[str, str]) -> None:
    """Why opencode.jsonc must not be home-manager's: it stays, and the error says what to do."""
    home = Home(tmp_path, {"LITELLM_API_KEY": "sk-team", "LITELLM_API_BASE": addresses[ADDRESS]})
    real = tmp_path / "opencode.jsonc"
    real.write_text("{}\n")
    real.chmod(0o444)
    link = home.path / ".config" / "opencode" / "opencode.jsonc"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    told = home.run(["litellm-discover", "--write", "opencode"], status=1)
    assert "it is read-only" in told
    assert "if a program makes it, change it there" in told
    assert real.read_text() == "{}\n"
