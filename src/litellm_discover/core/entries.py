"""The entries of a list in a JSON document that arrives in pieces, each parsed as soon as it is whole.

LiteLLM describes 5000 models in 37 MB, and JSON can take thirty times its size once it is parsed. So neither the
document nor its list is ever kept. An entry that is whole in a piece is parsed where it stands; of one that is cut the
end is found by its brackets. What remains is an outline of the document with ``{}`` for each, which is parsed at the
end.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from litellm_discover.core.answers import not_json
from litellm_discover.core.brackets import STRING, Brackets
from litellm_discover.core.strict import MAX_PIECE, STRICT, decode
from litellm_discover.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

UNREADABLE: Final = object()
"""What an entry is that is not strict JSON, or longer than MAX_PIECE characters."""

# What is open inside a list of the root object, and inside an object of that list.
_LIST, _ENTRY = b"{[", b"{[{"
# The name of the list that opens at the end of the outline. A name with so much white space behind it is not found.
_NAME = re.compile(rf"({STRING})[ \t\r\n]*:[ \t\r\n]*\[\Z", re.DOTALL)
_NAME_LENGTH = 1024

# So many short pieces take more memory than what is in them.
_MANY = 1000

# What is no UTF-8 becomes lone surrogates, which UTF-8 has not: an entry with some is told from those around it.
_Text = codecs.getincrementaldecoder("utf-8")


class EntryReader:
    """Reads the entries of the list ``member`` in the root object of what ``path`` answered with 200.

    The document has to be strict JSON. All methods raise AnswerError when it is not; nothing of it is ever quoted.
    """

    def __init__(self, path: str, member: str) -> None:
        self._path = path
        self._member = member
        self._text = _Text("surrogateescape")
        self._brackets = Brackets()
        self._outline = _Pieces()
        self._tail = ""
        self._entry: _Pieces | None = None
        self._is_wanted = False
        self._found = 0

    def feed(self, data: bytes) -> Iterator[object]:
        """The entries that end in these bytes: each a dictionary, or UNREADABLE."""
        try:
            yield from self._read(self._text.decode(data))
        except ValueError:
            raise not_json(self._path, 200) from None

    def close(self) -> list[object]:
        """Check the document around the entries, now that it is whole; gives the items that are no objects."""
        try:
            self._keep(self._text.decode(b"", final=True))
            root = decode(self._outline.encoded())
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

    def _read(self, text: str) -> Iterator[object]:
        # Brackets that do not fit each other are no concern here: the outline or the entry is no JSON then.
        brackets = self._brackets
        done = at = 0
        while (at := brackets.find(text, at)) >= 0:
            if opens := text[at] in "{[":
                brackets.open(text[at])
            if brackets.inside == _LIST:
                self._keep(text[done : at + 1])
                done = at + 1
                self._is_wanted = opens and self._opens_member()
            elif brackets.inside == _ENTRY and opens:
                self._keep(text[done:at])
                done, self._entry = at, _Pieces()
                if self._is_wanted and (found := _in_place(text, at)):
                    entry, done = found
                    yield self._ended(entry)
                    at, opens = done - 1, False  # the bracket that closes it
            elif brackets.inside == _ENTRY and self._entry is not None:
                self._entry.add(text[done : at + 1])
                done = at + 1
                entry = self._ended(_parsed(self._entry) if self._is_wanted else None)
                if self._is_wanted:
                    yield entry
            if not opens:
                brackets.close()
            at += 1
        self._leave(text[done:])

    def _ended(self, entry: object) -> object:
        self._entry = None
        self._found += self._is_wanted
        self._keep("{}")
        return entry

    def _leave(self, rest: str) -> None:
        """Put away what goes on in the next piece."""
        if self._entry is None:
            self._keep(rest)
        elif self._entry.size <= MAX_PIECE:
            self._entry.add(rest)

    def _keep(self, piece: str) -> None:
        self._outline.add(piece)
        self._tail = (self._tail + piece)[-_NAME_LENGTH:]
        if self._outline.size > MAX_PIECE:
            raise ValueError("too long without its entries")

    def _opens_member(self) -> bool:
        name = _NAME.search(self._tail)
        try:
            return name is not None and decode(name[1].encode()) == self._member
        except ValueError:
            return False


class _Pieces:
    """A text that grows, and its length so far."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.size = 0

    def add(self, piece: str) -> None:
        self._pieces.append(piece)
        self.size += len(piece)
        if len(self._pieces) == _MANY:
            self._pieces = ["".join(self._pieces)]

    def encoded(self) -> bytes:
        """In UTF-8. Raises ValueError for what came of bytes that were none."""
        return "".join(self._pieces).encode()


def _in_place(text: str, start: int) -> tuple[object, int] | None:
    """The entry that begins there, and where it ends; None when it is cut, or cannot be read."""
    try:
        entry, end = STRICT.raw_decode(text, start)
        if not text.isascii():
            text[start:end].encode()
    except (ValueError, RecursionError):
        return None
    return (entry, end) if end - start <= MAX_PIECE else None


def _parsed(entry: _Pieces) -> object:
    if entry.size > MAX_PIECE:
        return UNREADABLE
    try:
        return decode(entry.encoded())
    except (ValueError, RecursionError):
        return UNREADABLE
