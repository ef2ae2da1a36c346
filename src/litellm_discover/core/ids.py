"""What an id says by its spelling alone: whether it names one model, and whether it is safe to hand on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_ID_LENGTH = 256

# Looked up in plain JavaScript objects, these stop OpenCode from starting or are lost silently.
PROTOTYPE_NAMES = frozenset(
    {
        "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
        "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "prototype",
        "toLocaleString", "toString", "valueOf",
    }
)  # fmt: skip

# Names that LiteLLM lists for keys without an explicit list of models: groups, not models.
SENTINELS = frozenset({"all-team-models", "all-proxy-models", "no-default-models", "default-models"})

# C0, DEL, C1, zero-width, line and paragraph separators, bidirectional controls, BOM, lone surrogates.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")

# Substituted by OpenCode in the raw text of its configuration; an unclosed one eats what follows.
_SUBSTITUTION = re.compile(r"\{(env|file):")


_REASONS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("unsafe:empty", lambda text: not text.strip()),
    ("unsafe:too-long", lambda text: len(text) > MAX_ID_LENGTH),
    ("unsafe:control-characters", _UNPRINTABLE.search),
    ("unsafe:substitution", _SUBSTITUTION.search),
    ("unsafe:prototype-name", PROTOTYPE_NAMES.__contains__),
    ("sentinel:group-of-models", SENTINELS.__contains__),
    ("sentinel:wildcard", lambda text: "*" in text),
)


def unoffered_reason(model_id: str) -> str | None:
    """Why no agent may be offered this id, as ``kind:detail``, or None when it names one model safely.

    An unsafe id is dropped and never cleaned: cleaning could turn it into the id of another model.
    """
    return next((reason for reason, applies in _REASONS if applies(model_id)), None)


def printable(text: str, limit: int = 80) -> str:
    """The text with every character that could act on a terminal spelled as an escape, cut to ``limit``."""
    shown = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def last_segment(model_id: str) -> str:
    """The part behind the last slash, which names the model whatever the route before it is."""
    return model_id.rstrip("/").rsplit("/", 1)[-1]
