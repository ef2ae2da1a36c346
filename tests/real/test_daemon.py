"""The daemon beside the real LiteLLM: a model that is added there is in both tools' files seconds later."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from daemons import Daemon, configure, eventually
from litellm_proxy import MASTER_KEY, LiteLLM

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real

SECONDS = 10.0


def configuration(*models: str) -> str:
    """A LiteLLM with these models; the backend is never asked."""
    entries = [
        {
            "model_name": model,
            "litellm_params": {"model": f"openai/{model}", "api_key": "sk-none", "api_base": "http://127.0.0.1:9/v1"},
        }
        for model in models
    ]
    return json.dumps({"model_list": entries})


def test_a_restart_with_other_models_reaches_both_files(litellm_binary: Path, tmp_path: Path) -> None:
    """Added, removed, and edited by hand: what the proxy says then counts, but for what is the person's."""
    opencode = tmp_path / "config" / "opencode" / "opencode.jsonc"
    pi = tmp_path / "home" / ".pi" / "agent" / "models.json"

    def models() -> tuple[set[str], set[str]]:
        if not opencode.exists() or not pi.exists():
            return set(), set()
        of_opencode = json.loads(opencode.read_text())["provider"]
        of_pi = json.loads(pi.read_text())["providers"]["litellm"]["models"]
        return {id_ for each in of_opencode.values() for id_ in each["models"]}, {model["id"] for model in of_pi}

    with LiteLLM(
        litellm_binary, configuration("first", "second", "third"), tmp_path / "proxy", key=MASTER_KEY
    ) as server:
        port = server.ready().port
        configure(tmp_path, f'write = ["opencode", "pi"]\n[[proxy]]\nurl = "http://127.0.0.1:{port}"\n')
        with Daemon(tmp_path, {"LITELLM_API_KEY": MASTER_KEY}) as daemon:
            eventually(lambda: models() == ({"first", "second", "third"},) * 2)
            opencode.write_text(opencode.read_text().replace('"name": "Second"', '"name": "My Second"'))
            daemon.settled()
            server.restart(configuration("first", "fourth"))
            server.ready()
            answered = time.monotonic()
            eventually(lambda: models() == ({"first", "second", "fourth"}, {"first", "fourth"}), limit=60)
            seconds = time.monotonic() - answered
            print(f"in both files after {seconds:.1f} s")  # noqa: T201 - the figure is what this is about
            assert seconds <= SECONDS
            assert '"name": "My Second"' in opencode.read_text()
            assert MASTER_KEY not in daemon.said
