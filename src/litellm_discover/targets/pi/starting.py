"""Where Pi keeps the model that it starts with, and what outranks it in the same file. It has no small model."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import members_at
from litellm_discover.core.starting import Starting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.starting import Named, Role

STARTING = Starting(
    "Pi", {"default": {"defaultProvider": "{provider}", "defaultModel": "{model}"}}, file="settings.json"
)


def start_notices(config: JsonValue, named: Mapping[Role, Named]) -> tuple[Notice, ...]:
    """With ``enabledModels`` Pi starts with the first of them, unless the default is among them."""
    patterns, model = members_at(config).get("enabledModels"), named.get("default")
    if model is None or not isinstance(patterns, list) or not patterns:
        return ()
    names = (str(model).lower(), model.model.lower())
    if any(isinstance(each, str) and fnmatchcase(name, each.lower()) for each in patterns for name in names):
        return ()
    return (
        Notice("model_not_enabled", f"enabledModels in Pi's settings.json leaves out {model}, so Pi takes another"),
    )
