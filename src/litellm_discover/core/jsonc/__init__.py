"""Reads JSONC and edits it without touching a byte that the edit is not about.

JSONC here is JSON plus ``//`` and ``/* */`` comments, trailing commas and a byte order mark: what OpenCode and
VS Code read. An edit is a list of :class:`Put` and :class:`Remove`; everything outside the edited members (comments,
blank lines, key order, the spelling of numbers and keys, line ends, the byte order mark) stays as it is.

::

    text = decode(data)
    text = edit(text, [Put(("provider", "litellm", "models", "a/b"), {"name": "B"}), Remove(("model",))])
    data = encode(text)

A step of a path leads into an object by a key, and into an array by the ``id`` of an item.

How it works: ``scan`` finds the offsets, ``plan`` turns the edits into changes per object and array, ``layout`` looks
at how the person writes, ``place`` and ``remove`` turn the changes into splices, ``editor`` applies and verifies them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.jsonc.codec import decode, encode
from litellm_discover.core.jsonc.comments import commented, foreign_comment
from litellm_discover.core.jsonc.reader import Document, parse, read
from litellm_discover.core.jsonc.splice import Splice
from litellm_discover.core.jsonc.values import Edit, JsonValue, Put, Remove, Verbatim, keyed, same

if TYPE_CHECKING:
    from litellm_discover.core.jsonc.editor import Revision, edit, revert, revise

__all__ = [
    "Document",
    "Edit",
    "JsonValue",
    "Put",
    "Remove",
    "Revision",
    "Splice",
    "Verbatim",
    "commented",
    "decode",
    "edit",
    "encode",
    "foreign_comment",
    "keyed",
    "parse",
    "read",
    "revert",
    "revise",
    "same",
]


if not TYPE_CHECKING:  # a type checker is to object to any other name

    def __getattr__(name: str) -> object:
        """What edits, imported when it is asked for: most runs only read. Raises AttributeError."""
        if name not in {"Revision", "edit", "revert", "revise"}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from litellm_discover.core.jsonc import editor  # noqa: PLC0415 - start-up cost

        return getattr(editor, name)
