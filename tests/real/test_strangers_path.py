"""From nothing to a chat in both agents: what somebody does who has just found the project, in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from local_stack import LocalStack

if TYPE_CHECKING:
    from pathlib import Path

    from opencode import OpenCode
    from pi import Pi
    from stranger import Stranger

pytestmark = pytest.mark.real

ROUTERS = ("--default-model", "litellm/opencodego-router", "--small-model", "litellm/mistral-router")


def test_from_the_wheel_to_a_chat_in_both_agents(
    stranger: Stranger, litellm_binary: Path, opencode: OpenCode, pi_newest: Pi, tmp_path: Path
) -> None:
    """Install, start the stack without any account, write, chat; and nothing is left when it has ended."""
    program = stranger.by_pip() / "bin" / "litellm-discover"
    (tmp_path / "stack").mkdir()
    with LocalStack(litellm_binary, tmp_path / "stack") as stack:
        # The two agents of the tests have a home each; a variable of Pi's own tells where its folder is.
        env = opencode._environment() | pi_newest.path | stack.exported | {"PI_CODING_AGENT_DIR": str(pi_newest.agent)}
        said = stranger.run(program, "--timeout", "30", "--write", "all", *ROUTERS, env=env)
        assert said == ""
        assert stranger.run(program, "--timeout", "30", "--write", "all", "--check", env=env) == ""

        turn = opencode.start("Hello, can you help me?", env=stack.exported)
        assert (turn.returncode, turn.text, turn.errors) == (0, "This is deepseek-v4-flash, offline.", ()), turn.stderr
        for model, answer in (
            ("opencodego-router", "This is deepseek-v4-flash, offline."),
            ("claude-opus-4-8", "This is claude-opus-4-8, offline."),
            ("gpt-5.5", "This is gpt-5.5, offline."),
        ):
            reply = pi_newest.run(f"litellm/{model}", "Hello, can you help me?", env=stack.exported)
            assert (reply.returncode, reply.text) == (0, answer), reply.stderr
        assert all(asked["fake_key"] for asked in stack.recorded())
    assert stack.process is not None
    assert stack.process.returncode == 0
