"""What a proxy answered, and how it is read: strictly, piece by piece, and without ever showing its text.

JSON can take thirty times its size once it is parsed. So a long list is never parsed whole: its entries are found in
the bytes, the outline without them is parsed and checked, and then one entry at a time.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn, Protocol

from litellm_discover.errors import AnswerError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 32
MAX_BRACKETS = 200_000
# The most that is parsed at once: an entry, the outline of a list, a small document. LiteLLM 1.106.2 needs 7.4 KB for
# an entry and 3 bytes of outline for each.
MAX_PIECE = 256 * 1024

UNREADABLE: Final = object()
"""What an entry is that is not strict JSON, or longer than MAX_PIECE."""

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# Behind the last bracket it takes all the rest: a search that fails would start again at every byte of it.
_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:%s[^"{}\[\]]*+)*+(?:([{}\[\]])|.*+)' % _STRING, re.DOTALL)

# An object in a list of the root object: what is open inside it.
_IN_ENTRY = b"{[{"


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer. The body stays out of ``repr``: error bodies of LiteLLM can hold the key.

    Strict means: UTF-8, finite numbers, no duplicate keys, no more than MAX_DEPTH levels and MAX_BRACKETS brackets.
    """

    path: str
    status: int
    content_type: str
    body: bytes = field(repr=False)

    def json(self) -> object:
        """The body of a small document as strict JSON. Raises AnswerError for anything else; never quotes the body."""
        try:
            return _document(self.body)
        except (ValueError, RecursionError):
            raise self._not_json() from None

    def entries(self, member: str) -> Iterator[object]:
        """The entries of a list in the root object, each parsed when it is its turn, or UNREADABLE.

        Raises AnswerError at once when the document around the entries is not strict JSON or has no such list.
        """
        try:
            outline, spans = _outline(self.body)
            root = _decode(outline)
        except (ValueError, RecursionError):
            raise self._not_json() from None
        listed = root.get(member) if isinstance(root, dict) else None
        if not isinstance(root, dict) or not isinstance(listed, list):
            raise AnswerError(
                f"{self.path} answered {self.status} without a list of models",
                hint='Check that the address is a LiteLLM proxy: /health/liveliness must answer "I\'m alive!".',
            )
        earlier = itertools.takewhile(lambda name: name != member, root)
        objects_before = sum(_objects(root[name]) for name in earlier)
        return self._parsed(listed, itertools.islice(spans, objects_before, None))

    def _parsed(self, listed: list[object], spans: Iterator[tuple[int, int]]) -> Iterator[object]:
        for entry in listed:
            yield self._entry(*next(spans)) if isinstance(entry, dict) else entry

    def _entry(self, start: int, end: int) -> object:
        if end - start > MAX_PIECE:
            return UNREADABLE
        try:
            return _decode(self.body[start:end])
        except (ValueError, RecursionError):
            return UNREADABLE

    def _not_json(self) -> AnswerError:
        return AnswerError(
            f"{self.path} answered {self.status} with something that is not JSON",
            hint="Is there a login page or another server in front of the proxy? Try the address in a browser.",
        )


class Get(Protocol):
    """A GET below the proxy's root, already bound to its origin, its credential and the run's deadline."""

    async def __call__(self, path: str, *, credential: bool, max_bytes: int) -> Answer:
        """The answer, whatever its status.

        The key and the person's headers go along only with ``credential``. Raises ProxyNotFoundError when nothing
        answers, DeadlineError when time is up, and AnswerError for more than ``max_bytes`` bytes, as sent or decoded,
        or an answer that breaks HTTP.
        """


def _document(body: bytes) -> object:
    """A whole document. Raises ValueError when it is too long, too deep, or no strict JSON."""
    if len(body) > MAX_PIECE:
        raise ValueError("too long")
    for _ in _brackets(body):
        pass
    return _decode(body)


def _outline(body: bytes) -> tuple[bytes, list[tuple[int, int]]]:
    """The document with ``{}`` for each object in a list of the root object, and where these objects are.

    Brackets that do not fit each other are no concern here: either the outline or the entry is no JSON then. Raises
    ValueError when the document is absurd: too many brackets, too deep, or too long without its entries.
    """
    pieces: list[bytes] = []
    spans: list[tuple[int, int]] = []
    length = start = copied = 0
    for at, opens, inside in _brackets(body):
        if inside != _IN_ENTRY:
            continue
        if opens:
            start = at
            continue
        length += start - copied + 2
        if length > MAX_PIECE:
            raise ValueError("too long")
        pieces += body[copied:start], b"{}"
        spans.append((start, at + 1))
        copied = at + 1
    if length + len(body) - copied > MAX_PIECE:
        raise ValueError("too long")
    pieces.append(body[copied:])
    return b"".join(pieces), spans


def _brackets(body: bytes) -> Iterator[tuple[int, bool, bytearray]]:
    """Each bracket outside strings: its offset, whether it opens, and what is open there, itself included.

    Raises ValueError when there are too many, or too many inside each other.
    """
    if sum(map(body.count, (b"{", b"}", b"[", b"]"))) > MAX_BRACKETS:
        raise ValueError("too many brackets")
    inside = bytearray()
    for found in _BRACKET.finditer(body):
        if (bracket := found[1]) is None:
            return
        if opens := bracket in b"{[":
            inside += bracket
            if len(inside) > MAX_DEPTH:
                raise ValueError("too deep")
        yield found.start(1), opens, inside
        if not opens and inside:
            inside.pop()


def _objects(value: object) -> int:
    return sum(isinstance(item, dict) for item in value) if isinstance(value, list) else 0


def _decode(data: bytes) -> object:
    """Strict JSON. Raises ValueError, also for an integer of more digits than Python reads."""
    return _STRICT.decode(data.decode("utf-8"))


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(members)
    if len(unique) != len(members):
        raise ValueError("duplicate key")
    return unique


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not finite")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_float=_finite, parse_constant=_refuse)
