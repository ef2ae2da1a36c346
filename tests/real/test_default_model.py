"""The agents start with the routers of a real LiteLLM once a person has asked for that, and for nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import upstream as answers
from forwarder import Forwarder
from tool import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_proxy import Proxy
    from opencode import OpenCode
    from pi import Pi

pytestmark = pytest.mark.real

ROUTERS = ("--default-model", "litellm/opencodego-router", "--small-model", "litellm/mistral-router")


@pytest.fixture
def keyed(keyed_proxy: Proxy) -> Iterator[Forwarder]:
    """The user's stack, behind a recorder."""
    with Forwarder(keyed_proxy.port) as forwarder:
        yield forwarder


def found(forwarder: Forwarder) -> tuple[str, ...]:
    """The options for a proxy; how long it takes is not what these tests are about."""
    return "--port", str(forwarder.port), "--timeout", "30"


def asked(forwarder: Forwarder) -> set[str]:
    """The models that a proxy was asked for an answer of."""
    bodies = (request.partition("\n\n")[2] or request.partition("\r\n\r\n")[2] for request in forwarder.requests())
    return {json.loads(body)["model"] for body in bodies if body}


def test_opencode_talks_to_the_router_and_titles_come_from_the_small_model(
    keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode
) -> None:
    """Started with no model named, and with a value of the person replaced."""
    env = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    opencode.write_config({"model": "anthropic/claude-opus-4-8"})
    run = discover(*found(keyed), "--write", "opencode", *ROUTERS, root=opencode.root, env=env)
    assert run.returncode == 0, run.stderr
    keyed.clear()
    turn = opencode.start("hi", env=env)
    assert (turn.returncode, turn.text, turn.errors) == (0, answers.CHAT_TEXT, ()), turn.stderr
    assert asked(keyed) == {"opencodego-router", "mistral-router"}
    assert discover("undo", "opencode", root=opencode.root, env=env).returncode == 0
    assert json.loads(opencode.config_path.read_text("utf-8"))["model"] == "anthropic/claude-opus-4-8"


def test_a_model_of_the_other_provider_is_the_default_too(
    keyed: Forwarder, keyed_proxy: Proxy, opencode: OpenCode
) -> None:
    """The person names it as the proxy's; OpenCode has it under litellm-responses."""
    env = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    arguments = (
        "--write",
        "opencode",
        "--default-model",
        "litellm/gpt-5.5",
        "--small-model",
        "litellm/mistral-small-4",
    )
    assert discover(*found(keyed), *arguments, root=opencode.root, env=env).returncode == 0
    keyed.clear()
    turn = opencode.start("hi", env=env)
    assert (turn.returncode, turn.text) == (0, answers.RESPONSES_TEXT), turn.stderr
    assert asked(keyed) == {"gpt-5.5", "mistral-small-4"}


def test_pi_starts_with_the_router(keyed: Forwarder, keyed_proxy: Proxy, pi: Pi) -> None:
    """Each supported version, with another default in its settings before; what else is in them stays."""
    env = {"LITELLM_API_KEY": str(keyed_proxy.key)}
    settings = pi.agent / "settings.json"
    before = {"theme": "light", "defaultProvider": "litellm", "defaultModel": "gpt-5.5", "quietStartup": True}
    settings.write_text(json.dumps(before, indent=2), encoding="utf-8")
    run = discover(*found(keyed), "--write", "pi", *ROUTERS[:2], root=pi.root, env={**pi.path, **env})
    assert run.returncode == 0, run.stderr
    keyed.clear()
    turn = pi.run(None, "hi", env=env)
    assert (turn.returncode, turn.text) == (0, answers.CHAT_TEXT), turn.stderr
    assert asked(keyed) == {"opencodego-router"}
    after = json.loads(settings.read_text("utf-8"))
    assert {name: after[name] for name in before} == {**before, "defaultModel": "opencodego-router"}
