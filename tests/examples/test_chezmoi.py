"""The source state for chezmoi, applied by chezmoi where there is one, and else by the few rules that it uses."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest
from example_home import EXAMPLES, Home, copied, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CALL = re.compile(r'\{\{ include "([^"]+)" (\| sha256sum )?(-?)\}\}(?(3)\s*)')


def rendered(source: Path, name: Path) -> str:
    """A template in which nothing but ``include`` and ``sha256sum`` is called."""

    def value(call: re.Match[str]) -> str:
        data = (source / call[1]).read_bytes()
        return hashlib.sha256(data).hexdigest() if call[2] else data.decode()

    text = CALL.sub(value, name.read_text("utf-8"))
    assert "{{" not in text
    return text


def by_the_rules(home: Home, source: Path) -> None:
    """What ``chezmoi apply`` does with this source state, for a reader of its manual."""
    state = home.path.parent / "chezmoi.state"
    for path in sorted(source.rglob("*")):
        parts = path.relative_to(source).parts
        if path.is_dir() or parts[0].startswith("."):
            continue
        text = rendered(source, path) if path.suffix == ".tmpl" else path.read_text("utf-8")
        if path.name.startswith("run_onchange_after_"):
            if not state.exists() or state.read_text() != text:
                script = home.path.parent / "script"
                script.write_text(text)
                script.chmod(0o700)
                home.run([script])
                state.write_text(text)
            continue
        target, private = home.path, False
        for part in parts:
            bare = part
            for prefix in ("create_", "private_", "dot_"):
                if bare.startswith(prefix):
                    bare = bare.removeprefix(prefix)
                    private |= prefix == "private_"
                    bare = f".{bare}" if prefix == "dot_" else bare
            target /= bare.removesuffix(".tmpl")
        if parts[-1].startswith("create_") and target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        target.chmod(0o600 if private else 0o644)


def by_chezmoi(home: Home, source: Path) -> None:
    """The real one."""
    state = home.path.parent / "chezmoi.boltdb"
    folders = ("--source", source, "--destination", home.path, "--persistent-state", state)
    home.run([program("chezmoi"), *folders, "--no-tty", "--force", "apply"])


@pytest.fixture(params=[by_the_rules, by_chezmoi])
def apply(request: pytest.FixtureRequest) -> Callable[[Home, Path], None]:
    """Both ways."""
    if request.param is by_chezmoi:
        program("chezmoi")
    way: Callable[[Home, Path], None] = request.param
    return way


def test_the_script_runs_once_and_again_when_the_registry_changes(
    tmp_path: Path, addresses: dict[str, str], apply: Callable[[Home, Path], None]
) -> None:
    """What the person says in the registry is what the agents get; what they wrote stays."""
    home = Home(tmp_path)
    source = copied(EXAMPLES / "chezmoi", tmp_path / "source", addresses)
    opencode = home.path / ".config" / "opencode" / "opencode.jsonc"

    apply(home, source)
    first = home.opencode()
    assert {"claude-sonnet-4-6", "house-model", "llm-gateway/claude-opus-4-7", "azure/gpt-5"} <= first.keys()
    assert first["llm-gateway/claude-opus-4-7"]["limit"] == {"context": 1_000_000, "output": 64_000}
    assert sorted(home.pi()) == sorted(first)

    opencode.write_text(opencode.read_text("utf-8").replace("{", "{ // mine", 1), "utf-8")
    before = (opencode.read_bytes(), opencode.stat().st_mtime_ns, opencode.stat().st_ino)
    apply(home, source)
    assert (opencode.read_bytes(), opencode.stat().st_mtime_ns, opencode.stat().st_ino) == before

    registry = source / ".chezmoidata" / "ai_models.yaml"
    registry.write_text(registry.read_text("utf-8").replace("maxTokens: 64000", "maxTokens: 32000"), "utf-8")
    apply(home, source)
    assert home.opencode()["llm-gateway/claude-opus-4-7"]["limit"] == {"context": 1_000_000, "output": 32_000}
    assert opencode.read_text("utf-8").startswith("{ // mine")


def test_without_the_proxy_the_registry_alone_is_written(tmp_path: Path, apply: Callable[[Home, Path], None]) -> None:
    """As on a machine that is set up on a train."""
    home = Home(tmp_path)
    apply(home, copied(EXAMPLES / "chezmoi", tmp_path / "source", {"https://llm.example.com": "http://127.0.0.1:9"}))
    assert home.opencode().keys() == {"llm-gateway/claude-opus-4-7", "azure/gpt-5"}


def test_without_the_program_nothing_fails(tmp_path: Path, apply: Callable[[Home, Path], None]) -> None:
    """The first `chezmoi apply` of a new machine may come before it is installed."""
    home = Home(tmp_path, {"PATH": "/usr/bin:/bin"})
    apply(home, copied(EXAMPLES / "chezmoi", tmp_path / "source", {}))
    assert home.opencode() == {}
    assert (home.path / ".config" / "litellm-discover" / "ai_models.yaml").exists()
