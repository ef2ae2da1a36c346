"""The entries of a list in a JSON document that arrives in pieces, each parsed as soon as it is whole.

LiteLLM describes 5000 models in 37 MB, and JSON can take thirty times its size once it is parsed. So neither the
document nor its list is ever kept: the entries are found by their brackets, and what remains is an outline of the
document with ``{}`` for each, which is parsed at the end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from litellm_discover.core.answers import not_json
from litellm_discover.core.strict import MAX_PIECE, STRING, Brackets, decode
from litellm_discover.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREADABLE: Final = object()
"""What an entry is that is not strict JSON, or longer than MAX_PIECE."""

# What is open inside a list of the root object, and inside an object of that list.
_LIST, _ENTRY = b"{[", b"{[{"
# The name of the list that opens at the end of the outline. A name with so much white space behind it is not found.
_NAME = re.compile(rb"(%s)[ \t\r\n]*:[ \t\r\n]*\[\Z" % STRING, re.DOTALL)
_NAME_BYTES = 1024


class EntryReader:
    """Reads the entries of the list ``member`` in the root object of what ``path`` answered with 200.

    The document has to be strict JSON. All methods raise AnswerError when it is not; nothing of it is ever quoted.
    """

    def __init__(self, path: str, member: str) -> None:
        self._path = path
        self._member = member
        self._brackets = Brackets()
        self._outline = bytearray()
        self._entry: bytearray | None = None
        self._is_wanted = False
        self._found = 0

    def feed(self, data: bytes) -> Iterator[object]:
        """The entries that end in these bytes: each a dictionary, or UNREADABLE."""
        try:
            yield from self._read(data)
        except ValueError:
            raise not_json(self._path, 200) from None

    def close(self) -> list[object]:
        """Check the document around the entries, now that it is whole; gives the items that are no objects."""
        try:
            root = decode(bytes(self._outline))
        except (ValueError, RecursionError):
            raise not_json(self._path, 200) from None
        listed = root.get(self._member) if isinstance(root, dict) else None
        if not isinstance(listed, list):
            raise AnswerError(
                f"{self._path} answered 200 without a list of models",
                hint='Check that the address is a LiteLLM proxy: /health/liveliness must answer "I\'m alive!".',
            )
        others = [item for item in listed if not isinstance(item, dict)]
        if len(listed) - len(others) != self._found:
            raise not_json(self._path, 200)
        return others

    def _read(self, data: bytes) -> Iterator[object]:
        # Brackets that do not fit each other are no concern here: the outline or the entry is no JSON then.
        done = 0
        for at, opens, inside in self._brackets.find(data):
            if inside == _LIST:
                self._keep(data[done : at + 1])
                done = at + 1
                self._is_wanted = opens and self._opens_member()
            elif inside == _ENTRY and opens:
                self._keep(data[done:at])
                done, self._entry = at, bytearray()
            elif inside == _ENTRY and self._entry is not None:
                entry, self._entry = self._entry + data[done : at + 1], None
                done = at + 1
                self._keep(b"{}")
                if self._is_wanted:
                    self._found += 1
                    yield _parsed(entry)
        if self._entry is None:
            self._keep(data[done:])
        elif len(self._entry) <= MAX_PIECE:
            self._entry += data[done:]

    def _keep(self, piece: bytes) -> None:
        self._outline += piece
        if len(self._outline) > MAX_PIECE:
            raise ValueError("too long without its entries")

    def _opens_member(self) -> bool:
        name = _NAME.search(self._outline[-_NAME_BYTES:])
        try:
            return name is not None and decode(bytes(name[1])) == self._member
        except ValueError:
            return False


def _parsed(entry: bytearray) -> object:
    if len(entry) > MAX_PIECE:
        return UNREADABLE
    try:
        return decode(bytes(entry))
    except (ValueError, RecursionError):
        return UNREADABLE
