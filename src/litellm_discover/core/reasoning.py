"""Whether a model reasons, and which efforts can be asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.transport import is_openai_s

if TYPE_CHECKING:
    from litellm_discover.core.payloads import Row

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")

# LiteLLM's price map (1.106.2) states low three times, medium and high never: they hold unless denied.
_GRANTED_BY_DEFAULT = frozenset({"low", "medium", "high"})


def reasoning(row: Row) -> tuple[bool | None, str]:
    """Whether the model reasons, and the source. An OpenAI reasoning model does, even if the map does not know it."""
    stated = row.states("supports_reasoning")
    if not stated and is_openai_s(row) and row.flags.get("supports_reasoning") is None:
        return True, "rule:openai-reasoning-family"
    return stated, "proxy"


def efforts(row: Row) -> tuple[str, ...] | None:
    """The efforts from the least to the most, () when none can be chosen, None when unknown.

    Only for a model that is stated to reason. An explicit list decides; a list of parameters without
    ``reasoning_effort`` closes the matter; else low, medium and high hold unless denied, the rest only if granted. Of
    several deployments, what each of them has.
    """
    if not row.states("supports_reasoning"):
        return None
    if row.deployments:
        known = [set(found) for deployment in row.deployments if (found := efforts(deployment)) is not None]
        return tuple(effort for effort in EFFORTS if all(effort in found for found in known)) if known else None
    if row.effort_levels is not None:
        return tuple(effort for effort in EFFORTS if effort in row.effort_levels)
    if row.parameters is not None and "reasoning_effort" not in row.parameters:
        return ()
    return tuple(effort for effort in EFFORTS if _grants(row, effort))


def _grants(row: Row, effort: str) -> bool:
    stated = row.flags.get(f"supports_{effort}_reasoning_effort")
    return effort in _GRANTED_BY_DEFAULT if stated is None else stated
