"""devcontainer.json: its commands, run by a shell as in the container, with the environment that it makes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from example_home import ADDRESS, EXAMPLES, Home

from litellm_discover.core.jsonc import parse

if TYPE_CHECKING:
    from pathlib import Path

HOST = "http://host.docker.internal:4000"


def content() -> Any:
    """What the file says."""
    return parse((EXAMPLES / "devcontainer/.devcontainer/devcontainer.json").read_text("utf-8"))


def variables(local: dict[str, str]) -> dict[str, str]:
    """Those of ``remoteEnv``, with the person's own in their places."""
    return {
        name: re.sub(r"\$\{localEnv:(\w+)\}", lambda match: local.get(match[1], ""), value)
        for name, value in content()["remoteEnv"].items()
    }


def test_the_models_are_there_after_the_start(tmp_path: Path, addresses: dict[str, str]) -> None:
    """And a second start writes nothing. No key is in the file."""
    made = variables({"LITELLM_API_KEY": "sk-team"})
    assert made == {"LITELLM_API_BASE": HOST, "LITELLM_API_KEY": "sk-team"}
    home = Home(tmp_path, {**made, "LITELLM_API_BASE": addresses[ADDRESS]})
    command = ["sh", "-c", content()["postStartCommand"]]
    assert "added 3 models" in home.run(command)
    assert len(home.opencode()) == len(home.pi()) == 3
    assert "up to date" in home.run(command)


def test_plain_http_to_the_host_needs_the_word_of_the_person(tmp_path: Path) -> None:
    """Refused before anybody is asked; allowed for this one address by the line of the example."""
    home = Home(tmp_path, variables({"LITELLM_API_KEY": "sk-team"}))
    assert "is not encrypted" in home.run(["litellm-discover"], status=2)
    trust, _, _ = content()["postStartCommand"].partition("&&")
    assert f"{HOST} is trusted" in home.run(["sh", "-c", trust])
    home.env["LITELLM_DISCOVER_TIMEOUT"] = "2"
    assert "is not encrypted" not in home.run(["litellm-discover"], status=1)  # no such host outside of a container
    home.env["LITELLM_API_BASE"] = "http://other.example.com:4000"
    assert "is not encrypted" in home.run(["litellm-discover"], status=2)
