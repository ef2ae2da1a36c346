"""What an id says by its spelling alone: whether it names one model, and whether it is safe to hand on."""

from __future__ import annotations

import re
import unicodedata
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

# All that Unicode calls control, format, surrogate, line or paragraph separator, and all that it displays as nothing
# (Default_Ignorable_Code_Point): it moves a cursor, turns text around, or makes two ids look the same.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

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


def safe_name(name: str, model_id: str) -> str:
    """The name made for a safe id, or the id itself when leaving out parts of it made the name unsafe."""
    return name if is_safe_text(name) else model_id


def is_safe_text(text: str) -> bool:
    """Whether nothing in a text acts on a terminal, or as a reference in a tool's configuration."""
    return not (_UNPRINTABLE.search(text) or _SUBSTITUTION.search(text))


def folded(model_id: str) -> str:
    """Equal for ids that differ only in case or in how Unicode composes a character."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", model_id).casefold())


def printable(text: str, limit: int = 80) -> str:
    """The text, cut to ``limit``, with an escape for all that could act on a terminal or as a reference."""
    shown = _UNPRINTABLE.sub(_escape, _SUBSTITUTION.sub(r"\\u007b\1:", text[: limit + 1]))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def last_segment(model_id: str) -> str:
    """The part behind the last slash, which names the model whatever the route before it is."""
    return model_id.rstrip("/").rsplit("/", 1)[-1]
