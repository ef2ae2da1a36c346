"""The name of a model as the person wants it shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from litellm_discover.core.ids import is_safe_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.core.model import Model

REASONING = "\N{BRAIN}"
SUFFIX = "(LiteLLM)"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_MAX_TEMPLATE = 200


def _cost(model: Model) -> str:
    """``($3/$15)``: USD per 1,000,000 tokens in and out; empty when unknown."""
    return f"(${model.cost.input:f}/${model.cost.output:f})" if model.cost else ""


PARTS: dict[str, Callable[[Model], str]] = {
    "name": lambda model: model.name,
    "reasoning": lambda model: REASONING if model.reasoning else "",
    "cost": _cost,
    "suffix": lambda _model: SUFFIX,
}


def template_problem(template: str) -> str | None:
    """Why this can be no template of names, for a person; None when it can."""
    if len(template) > _MAX_TEMPLATE or not is_safe_text(template):
        return "is too long, or has a control character or a reference such as {env:…} in it"
    unknown = [name for name in _PLACEHOLDER.findall(template) if name not in PARTS]
    known = ", ".join(f"{{{name}}}" for name in PARTS)
    if unknown:
        return f"has the unknown placeholder {{{unknown[0]}}}; known are {known}"
    if set("{}") & set(_PLACEHOLDER.sub("", template)):
        return f"has a brace that belongs to no placeholder; known are {known}"
    if "{name}" not in template:
        return "must have {name} in it: models that look the same cannot be told apart"
    return None


def displayed(model: Model, template: str) -> str:
    """The name of a model by a template; what is empty leaves no blank behind."""
    return " ".join(_PLACEHOLDER.sub(lambda found: PARTS[found[1]](model), template).split())
