"""Where OpenCode keeps the models that it starts with, and what outranks them in the same files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import members_at
from litellm_discover.core.starting import Starting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.starting import Named, Role

STARTING = Starting(
    "OpenCode", {"default": {"model": "{provider}/{model}"}, "small": {"small_model": "{provider}/{model}"}}
)

# The agents that a person talks to.
_AGENTS = ("build", "plan")


def start_notices(config: JsonValue, named: Mapping[Role, Named]) -> tuple[Notice, ...]:
    """An agent can have a model of its own."""
    own = [name for name in _AGENTS if "default" in named and members_at(config, "agent", name).get("model")]
    return tuple(
        Notice("agent_has_model", f"agent.{name}.model in the configuration comes before the default model")
        for name in own
    )
