"""What holds for every document, in whatever layout it is written."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from litellm_discover.core.jsonc import Edit, JsonValue, Put, Remove, edit, parse, revert, revise, same
from litellm_discover.core.jsonc.editor import put_splices, removal_splices
from litellm_discover.core.jsonc.plan import plan
from litellm_discover.core.jsonc.reader import read
from litellm_discover.core.jsonc.splice import Splice, apply
from litellm_discover.errors import JsoncError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

Path: TypeAlias = tuple[str, ...]
Object: TypeAlias = dict[str, JsonValue]

EVERY_LAYOUT = settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))

KINDS = ("pretty", "inline", "minified", "comma-first", "wild")
# Comments that look like code, and would be taken for it by an editor that works with regular expressions.
REMARKS = ("", ",", "}", "]", "//", "/*", '"', "'", ', "a": 1 }', "{env:X}", "\\", "é \u2028", "* /", ",}")
KEYS = (
    "a",
    "b",
    "c",
    "models",
    "a/b",
    "a.b",
    "a/b~c",
    "__proto__",
    "",
    "10",
    "2",
    "{env:X}",
    'q"',
    "\\",
    "é",
    "\u2028",
)

keys = st.sampled_from(KEYS)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5), keys
)
values: st.SearchStrategy[JsonValue] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=6,
)
roots: st.SearchStrategy[Object] = st.dictionaries(
    keys, st.one_of(values, st.dictionaries(keys, values, max_size=5)), max_size=5
)


@dataclass(frozen=True)
class Document:
    """A text, the value it was written for, and where its members are: for each path (key, value, end) in offsets."""

    text: str
    value: Object
    spans: dict[Path, list[tuple[int, int, int]]]
    eol: str

    def outside(self, spans: Sequence[tuple[int, int]]) -> str:
        """The text without the spans."""
        return apply(self.text, [Splice(*span, "") for span in spans])


class Writer:
    """Writes a value in a layout that chance decides, and keeps a record of where its members are."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.text = random.choice(("", "", "\ufeff"))
        self.spans: dict[Path, list[tuple[int, int, int]]] = {}
        self.remarks = 0
        self.eol = random.choice(("\n", "\r\n", "\r"))
        self.unit = random.choice(("  ", "    ", "\t", " "))
        self.kinds = random.choice((*((kind,) for kind in KINDS), KINDS, KINDS))
        self.chatty = random.choice((0.0, 0.1, 0.3))
        self.trailing = random.choice((0.0, 0.5, 1.0))
        self.doubled = random.choice((0.0, 0.0, 0.2))

    def document(self, value: Object) -> Document:
        self.anything()
        self.write(value, (), 0)
        self.anything()
        self.text += self.random.choice(("", self.eol, f"// the end, }} {self.eol}", "// no line end", "/* } */"))
        return Document(self.text, value, self.spans, self.eol)

    def write(self, value: JsonValue, path: Path, depth: int) -> None:
        if isinstance(value, dict):
            entries = [partial(self.member, *entry, path, depth) for entry in self.doubles(value)]
            self.container("{}", entries, depth)
        elif isinstance(value, list):
            # The members of objects in arrays are out of reach for edits: their paths are no paths.
            items = [partial(self.write, item, (*path, "[]", str(n)), depth + 1) for n, item in enumerate(value)]
            self.container("[]", items, depth)
        else:
            self.text += self.scalar(value)

    def doubles(self, value: Object) -> Iterator[tuple[str, JsonValue]]:
        """The members, some of them with an earlier duplicate that does not count."""
        for key, item in value.items():
            if self.chance(self.doubled):
                yield key, 0
            yield key, item

    def member(self, key: str, value: JsonValue, path: Path, depth: int) -> None:
        start = len(self.text)
        self.text += self.string(key)
        self.text += self.random.choice(("", "", " ", self.maybe_comment()))
        self.text += ":"
        self.text += self.random.choice((" ", " ", "", self.maybe_comment(), self.eol))
        value_start = len(self.text)
        self.write(value, (*path, key), depth + 1)
        self.spans.setdefault((*path, key), []).append((start, value_start, len(self.text)))

    def container(self, brackets: str, entries: Sequence[Callable[[], None]], depth: int) -> None:
        kind = self.random.choice(self.kinds)
        self.text += brackets[0]
        trailing = self.chance(self.trailing)
        for number, entry in enumerate(entries, start=1):
            self.gap(kind, "open" if number == 1 else "before", depth)
            entry()
            if number < len(entries) or trailing:
                self.gap(kind, "after", depth)
                self.text += ","
        self.gap(kind, "close" if entries else "empty", depth)
        self.text += brackets[1]

    def gap(self, kind: str, where: str, depth: int) -> None:
        inner, outer = self.eol + self.unit * (depth + 1), self.eol + self.unit * depth
        plain = {
            "pretty": {"open": inner, "before": inner, "close": outer},
            "inline": {"open": " ", "before": " ", "close": " "},
            "comma-first": {"open": inner + "  ", "after": inner, "before": " ", "close": outer},
        }
        if kind == "wild" or (where == "empty" and self.chance(self.chatty)):
            self.anything()
            return
        space = plain.get(kind, {}).get(where, "")
        if self.chance(self.chatty):
            ends_line = space[: len(self.eol)] == self.eol
            self.text += self.random.choice(("", " ")) + (self.line_comment() if ends_line else self.comment())
        if space.startswith(self.eol) and self.chance(self.chatty):
            self.text += space + (self.comment() if self.chance(0.5) else self.line_comment())
        self.text += space

    def anything(self) -> None:
        """Blanks, line ends and comments in no order at all."""
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 4))):
            line_comment = self.line_comment() + self.eol if self.chance(self.chatty) else " "
            self.text += self.random.choice((" ", "\t", self.eol, self.maybe_comment(), line_comment))

    def maybe_comment(self) -> str:
        return self.comment() if self.chance(self.chatty) else ""

    def comment(self) -> str:
        return f"/* {self.remark()}{self.random.choice(('', '', self.eol))} */"

    def line_comment(self) -> str:
        return f"// {self.remark()}"

    def remark(self) -> str:
        self.remarks += 1
        return f"{self.remarks} {self.random.choice(REMARKS)}"

    def scalar(self, value: JsonValue) -> str:
        if isinstance(value, str):
            return self.string(value)
        text = json.dumps(value)
        return text + "0" if isinstance(value, float) and "e" not in text else text

    def string(self, value: str) -> str:
        text = json.dumps(value, ensure_ascii=self.chance(0.3) or not value.isprintable())
        return text.replace("/", "\\/") if self.chance(0.3) else text

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents of random values in random layouts."""
    random = draw(st.randoms(use_true_random=True))
    return Writer(random).document(draw(roots))


def objects(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, Object]]:
    """All objects that an edit can reach."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from objects(item, (*path, key))


def present(value: Object) -> list[Path]:
    """The paths of all members that an edit can reach."""
    return [(*path, key) for path, found in objects(value) for key in found]


def lookup(value: JsonValue, path: Path) -> JsonValue:
    """The value at a path that is there."""
    for key in path:
        assert isinstance(value, dict)
        value = value[key]
    return value


def independent(paths: Sequence[Path]) -> bool:
    """Whether no path leads to or through another one."""
    return not any(a[: len(b)] == b for n, a in enumerate(paths) for m, b in enumerate(paths) if n != m)


@st.composite
def removals(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Some members go."""
    paths = present(value)
    assume(paths)
    chosen = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=6, unique=True))
    assume(independent(chosen))
    return [Remove(path) for path in chosen]


@st.composite
def insertions(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Some members are new, and some of the objects that they are in."""
    homes = st.sampled_from([path for path, _ in objects(value)])
    more = st.lists(keys.map(lambda key: f"new {key}"), min_size=1, max_size=3).map(tuple)
    chosen = draw(st.lists(st.tuples(homes, more), min_size=1, max_size=5))
    paths = [(*home, *rest) for home, rest in chosen]
    assume(independent(paths))
    return [Put(path, draw(values)) for path in paths]


@st.composite
def replacements(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Some members get another value."""
    edits = [Put(e.path, draw(values)) for e in draw(removals(value))]
    return [e for e in edits if not same(lookup(value, e.path), e.value)]


@st.composite
def mixtures(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Any edits in any order: of the same members, of members of members, of things that are not there."""
    paths = st.one_of(st.sampled_from([*present(value), ("a",)]), st.lists(keys, min_size=1, max_size=4).map(tuple))
    edits = st.one_of(st.builds(Put, paths, values), st.builds(Remove, paths))
    return draw(st.lists(edits, max_size=6))


Kind: TypeAlias = "Callable[[Object], st.SearchStrategy[list[Edit]]]"


def cases(kind: Kind) -> st.SearchStrategy[tuple[Document, list[Edit]]]:
    """Documents, each with edits of one kind."""
    return documents().flatmap(lambda document: st.tuples(st.just(document), kind(document.value)))


def applied(value: Object, edits: Sequence[Edit]) -> Object:
    """The edits applied to the value, in the plainest way; KeyError if something is in the way."""
    result = copy.deepcopy(value)
    for change in edits:
        here: JsonValue = result
        for key in change.path[:-1]:
            assert isinstance(here, dict)
            if isinstance(change, Remove) and key not in here:
                break
            here = here.setdefault(key, {})
            if not isinstance(here, dict):
                raise KeyError(key)
        else:
            assert isinstance(here, dict)
            if isinstance(change, Put):
                here[change.path[-1]] = copy.deepcopy(change.value)
            else:
                here.pop(change.path[-1], None)
    return result


def edited_spans(document: Document, edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    """What the edits are about: members that go, and values that are replaced."""
    for change in edits:
        for start, value_start, end in document.spans.get(change.path, [])[-1 if isinstance(change, Put) else 0 :]:
            if isinstance(change, Remove):
                yield start, end
            elif not same(lookup(document.value, change.path), change.value):
                yield value_start, end


def comments(text: str) -> list[str]:
    """The comments of a text, in order."""
    tokens = re.finditer(r'"(?:[^"\\]|\\.)*"|(//[^\r\n]*|/\*.*?\*/)', text, re.DOTALL)
    return [token[1] for token in tokens if token[1] is not None]


def line_ends(text: str) -> set[str]:
    """The kinds of line ends in a text."""
    return set(re.findall(r"\r\n|\r|\n", text))


def put_spans(text: str, edits: Sequence[Edit]) -> list[Splice]:
    """The splices of edits that only put."""
    source, value = read(text)
    return list(put_splices(source, plan(source, value, edits)[1]))


def ordered(value: JsonValue) -> str:
    """A text that shows the order of keys, too."""
    return json.dumps(value)


@EVERY_LAYOUT
@given(documents())
def test_reading(document: Document) -> None:
    """A document reads as the value it was written for, its keys in order."""
    assert same(parse(document.text), document.value)
    assert ordered(parse(document.text)) == ordered(document.value)


@EVERY_LAYOUT
@given(documents())
def test_edits_that_change_nothing(document: Document) -> None:
    """Without an edit, and with edits that change no value, the text comes back as it is."""
    assert edit(document.text, []) == document.text
    unchanged = [Put(path, lookup(document.value, path)) for path in present(document.value)]
    absent = [Remove((*path, "nothing here")) for path, _ in objects(document.value)]
    assert edit(document.text, [*unchanged, *absent]) == document.text


@EVERY_LAYOUT
@given(cases(mixtures))
def test_any_edits(case: tuple[Document, list[Edit]]) -> None:
    """The result reads as the edited value, and no comment outside edited values is lost; or the edits are refused."""
    document, edits = case
    try:
        expected = applied(document.value, edits)
    except KeyError:
        with pytest.raises(JsoncError, match="not an object"):
            edit(document.text, edits)
        return
    revision = revise(document.text, edits)
    assert revert(revision.text, revision.back) == document.text
    result = edit(document.text, edits)
    assert result == revision.text
    assert same(parse(result), expected)
    if independent([change.path for change in edits]):
        assert comments(result) == comments(document.outside(list(edited_spans(document, edits))))
        assert edit(result, edits) == result
    assert result.startswith("\ufeff") == document.text.startswith("\ufeff")
    assert line_ends(result) <= (line_ends(document.text) or {"\n"})


@EVERY_LAYOUT
@given(cases(replacements))
def test_the_way_back_holds_only_what_was_replaced(case: tuple[Document, list[Edit]]) -> None:
    """Nothing of the person's text around an edit goes into it."""
    document, edits = case
    revision = revise(document.text, edits)
    values = {document.text[start:end] for start, end in edited_spans(document, edits)}
    assert {replaced for splices in revision.back for _, _, replaced in splices} <= values


@EVERY_LAYOUT
@given(cases(insertions))
def test_insertions(case: tuple[Document, list[Edit]]) -> None:
    """What is new is inserted between the old characters, and the new members come last, in the order given."""
    document, edits = case
    result = edit(document.text, edits)
    assert ordered(parse(result)) == ordered(applied(document.value, edits))
    splices = put_spans(document.text, edits)
    assert apply(document.text, splices) == result
    for start, end, _ in splices:
        assert start == end or re.fullmatch(r"[ \t]+\}", document.text[start : end + 1]), "only in an empty object"
    assert comments(result) == comments(document.text)
    assert edit(result, edits) == result


@EVERY_LAYOUT
@given(cases(replacements))
def test_replacements(case: tuple[Document, list[Edit]]) -> None:
    """Only the replaced values change, of duplicates the last one."""
    document, edits = case
    result = edit(document.text, edits)
    splices = put_spans(document.text, edits)
    assert apply(document.text, splices) == result
    spans = sorted(document.spans[e.path][-1][1:] for e in edits)
    assert sorted((splice.start, splice.end) for splice in splices) == spans
    assert ordered(parse(result)) == ordered(applied(document.value, edits))
    assert edit(result, edits) == result


@EVERY_LAYOUT
@given(cases(removals))
def test_removals(case: tuple[Document, list[Edit]]) -> None:
    """The members, their duplicates, commas and blanks go; nothing else does, and nothing comes."""
    document, edits = case
    result = edit(document.text, edits)
    source, value = read(document.text)
    splices = list(removal_splices(source, plan(source, value, edits)[1]))
    assert apply(document.text, splices) == result
    assert not any(splice.text for splice in splices)
    spans = [(start, end) for e in edits for start, _, end in document.spans[e.path]]
    rest = document.outside(spans)
    assert comments(result) == comments(rest)
    assert squeezed(result) == squeezed(rest)
    assert rest.count(",") - result.count(",") <= len(spans)
    assert ordered(parse(result)) == ordered(applied(document.value, edits))
    assert edit(result, edits) == result


def squeezed(text: str) -> str:
    """A text without blanks and commas."""
    return re.sub(r"[ \t\r\n,]", "", text)
