"""Turns the id of a model into the name that a person expects in a picker.

:mod:`.paths` takes the id apart and understands the route; :mod:`.spelling` spells the segment that is left, by the
tables of :mod:`.brands`. Nothing here looks a model up: the same id always gives the same name.
"""

from __future__ import annotations

import re
from typing import Final

from litellm_discover.core.naming.paths import take_apart
from litellm_discover.core.naming.spelling import is_handwritten, spell

__all__ = ["display_name"]

_PROSE_OR_PATTERN: Final = re.compile(r"[\s*]")


def display_name(model_id: str) -> str:
    """Spell ``model_id`` the way a person expects to read it.

    An id that a person wrote as a name stays as it is, and only the empty id has an empty name.

    >>> display_name("anthropic/claude-3-5-sonnet")
    'Claude 3.5 Sonnet'
    >>> display_name("gpt-4o-2024-08-06")
    'GPT-4o (2024-08-06)'
    >>> display_name("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0")
    'Claude Sonnet 4 (Bedrock US)'
    >>> display_name("ollama/llama3.1:8b-instruct-q4_K_M")
    'Llama 3.1 8B Instruct Q4_K_M'
    >>> display_name("MY-INTERNAL-LLM")
    'MY-INTERNAL-LLM'
    """
    if _PROSE_OR_PATTERN.search(model_id):
        return model_id
    path = take_apart(model_id)
    if not is_handwritten(path.leaf):
        name, notes = spell(path.leaf)
    elif path.starts_with_route:
        name, notes = path.leaf, ()
    else:
        return model_id  # the folder is part of what the person wrote
    if not name:
        return model_id
    said = ", ".join(filter(None, [*notes, path.tag, path.label]))
    return f"{name} ({said})" if said else name
