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

from litellm_discover.core.jsonc import (
    Edit,
    JsonValue,
    Put,
    Remove,
    commented,
    edit,
    foreign_comment,
    parse,
    read,
    revert,
    revise,
    same,
)
from litellm_discover.core.jsonc.editor import put_splices, removal_splices
from litellm_discover.core.jsonc.plan import plan
from litellm_discover.core.jsonc.splice import Splice, apply
from litellm_discover.errors import JsoncError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from random import Random

Path: TypeAlias = tuple[str, ...]
Object: TypeAlias = dict[str, JsonValue]

EVERY_LAYOUT = settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))

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

IDS = ("a", "a/b", "1", "__proto__", "", "{env:X}")  # few, so that some come twice
NO_IDS: tuple[JsonValue, ...] = (None, 1, ["a"])
MEMBERS: tuple[JsonValue, ...] = (None, True, 0, 1.5, "a", "// é", [], ["text", 1], {}, {"b": [1]}, [{"id": "a"}])


def stocked(random: Random) -> Object:
    """A value with lists as Pi has them."""
    root: Object = {"models": stock(random), "a": any_of(MEMBERS, random)}
    return {"providers": root, "models": stock(random)} if random.random() < 0.5 else root


def stock(random: Random) -> list[JsonValue]:
    """A list of items, the id anywhere among their members; what has no id is the person's own business."""
    items: list[JsonValue] = []
    ids: list[JsonValue] = [*random.sample(IDS, 2), any_of(NO_IDS, random)]
    for _ in range(random.choice((0, 1, 2, 2, 3, 4))):
        members = {random.choice(KEYS): any_of(MEMBERS, random) for _ in range(random.randrange(3))}
        entries = [*members.items(), ("id", any_of(ids, random))]
        items.append(dict(random.sample(entries, len(entries))))
        if random.random() < 0.2:
            items[-1] = any_of(MEMBERS, random)
    return items


def any_of(choices: Sequence[JsonValue], random: Random) -> JsonValue:
    """One of them, for this place alone."""
    return copy.deepcopy(random.choice(choices))


@dataclass(frozen=True)
class Document:
    """A text, the value it was written for, and where its members are: for each path (key, value, end) in offsets.

    An item of an array is a member whose path ends with its ``id``; it starts with its value.
    """

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
            last = {id_of(each): place for place, each in enumerate(value)}
            entries = [
                partial(self.item, each, path, depth, is_last=last[id_of(each)] == place)
                for place, each in enumerate(value)
            ]
            self.container("[]", entries, depth)
        else:
            self.text += self.scalar(value)

    def doubles(self, value: Object) -> Iterator[tuple[str, JsonValue]]:
        """The members, some of them with an earlier duplicate that does not count."""
        for key, item in value.items():
            if self.chance(self.doubled):
                yield key, "another id" if key == "id" else 0
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

    def item(self, value: JsonValue, path: Path, depth: int, *, is_last: bool) -> None:
        start, key = len(self.text), id_of(value)
        if key is None or not is_last:  # what is in it is out of reach for edits: its path is no path
            self.write(value, (*path, "[]", str(start)), depth + 1)
        else:
            self.write(value, (*path, key), depth + 1)
        if key is not None:
            self.spans.setdefault((*path, key), []).append((start, start, len(self.text)))

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
    """Documents of random values in random layouts, many of them with lists of items."""
    random = draw(st.randoms(use_true_random=True))
    return Writer(random).document(draw(roots) if random.random() < 0.4 else stocked(random))


def id_of(item: JsonValue) -> str | None:
    """What an item of an array is known by."""
    match item:
        case {"id": str(key)}:
            return key
    return None


def members(value: JsonValue) -> Object:
    """The members of an object, or the items of an array that an edit can reach: of those with the same id the last."""
    if isinstance(value, list):
        return {key: item for item in value for key in [id_of(item)] if key is not None}
    return value if isinstance(value, dict) else {}


def containers(value: JsonValue, path: Path = ()) -> Iterator[tuple[Path, JsonValue]]:
    """All objects and arrays that an edit can reach."""
    if isinstance(value, (dict, list)):
        yield path, value
        for key, inner in members(value).items():
            yield from containers(inner, (*path, key))


def present(value: Object) -> list[Path]:
    """The paths of all members that an edit can reach."""
    return [(*path, key) for path, found in containers(value) for key in members(found)]


def lookup(value: JsonValue, path: Path) -> JsonValue:
    """The value at a path that is there."""
    for key in path:
        value = members(value)[key]
    return value


def is_id(value: Object, path: Path) -> bool:
    """Whether a path leads to the id of an item, which an edit cannot change."""
    return path[-1] == "id" and len(path) > 2 and isinstance(lookup(value, path[:-2]), list)


def fitting(value: Object, path: Path, new: JsonValue) -> JsonValue:
    """The new value, with the id that it needs if it becomes an item of an array."""
    if isinstance(dict(containers(value)).get(path[:-1]), list):
        return {**(new if isinstance(new, dict) else {"was": new}), "id": path[-1]}
    return new


def independent(paths: Sequence[Path]) -> bool:
    """Whether no path leads to or through another one."""
    return not any(a[: len(b)] == b for n, a in enumerate(paths) for m, b in enumerate(paths) if n != m)


@st.composite
def removals(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Some members go."""
    paths = [path for path in present(value) if not is_id(value, path)]
    assume(paths)
    lists = {path: found for path, found in containers(value) if isinstance(found, list)}
    items = [path for path in paths if path[:-1] in lists]
    inside = [path for path in paths if path[:-2] in lists]
    doubled = [path for path in items if [id_of(each) for each in lists[path[:-1]]].count(path[-1]) > 1]
    pool = draw(st.sampled_from([some for some in (paths, items, inside, doubled) if some]))
    chosen = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=6, unique=True))
    assume(independent(chosen))
    return [Remove(path) for path in chosen]


@st.composite
def insertions(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Some members are new, and some of the objects that they are in."""
    homes = st.sampled_from(list(containers(value)))
    more = st.lists(keys.map(lambda key: f"new {key}"), min_size=1, max_size=3).map(tuple)
    chosen = draw(st.lists(st.tuples(homes, more), min_size=1, max_size=5))
    paths = [(*path, *(rest[:1] if isinstance(home, list) else rest)) for (path, home), rest in chosen]
    assume(independent(paths))
    return [Put(path, fitting(value, path, draw(values))) for path in paths]


@st.composite
def replacements(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Some members get another value."""
    edits = [Put(e.path, fitting(value, e.path, draw(values))) for e in draw(removals(value))]
    return [e for e in edits if not same(lookup(value, e.path), e.value)]


@st.composite
def mixtures(draw: st.DrawFn, value: Object) -> list[Edit]:
    """Any edits in any order: of the same members, of members of members, of things that are not there."""
    known = st.sampled_from([*present(value), ("a",)])
    below = st.builds(lambda path, key: (*path, key), known, st.sampled_from(IDS))
    paths = st.one_of(known, below, st.lists(keys, min_size=1, max_size=4).map(tuple))
    new = st.one_of(values, st.randoms(use_true_random=True).map(stock))
    puts = st.builds(Put, paths, new)
    fitted = puts.map(lambda put: Put(put.path, fitting(value, put.path, put.value)))
    return draw(st.lists(st.one_of(puts, fitted, st.builds(Remove, paths)), max_size=6))


Kind: TypeAlias = "Callable[[Object], st.SearchStrategy[list[Edit]]]"


def cases(kind: Kind) -> st.SearchStrategy[tuple[Document, list[Edit]]]:
    """Documents, each with edits of one kind."""
    return documents().flatmap(lambda document: st.tuples(st.just(document), kind(document.value)))


class RefusedError(Exception):
    """An edit that is not allowed; the message has what the editor has to say about it."""


def applied(value: Object, edits: Sequence[Edit]) -> Object:
    """The edits applied to the value, in the plainest way."""
    result = copy.deepcopy(value)
    gone: set[Path] = set()
    for change in edits:
        *parents, key = change.path
        above: JsonValue = None
        here: JsonValue = result
        for step in parents:
            if step not in members(here):
                if isinstance(change, Remove):
                    break
                if isinstance(here, list):
                    raise RefusedError(f"no item in it has the id {json.dumps(step)}")
                assert isinstance(here, dict)
                here[step] = {}
            above, here = here, members(here)[step]
            if not isinstance(here, (dict, list)):
                raise RefusedError("not an object")
        else:
            assert isinstance(here, (dict, list))
            if key == "id" and isinstance(above, list) and change != Put(change.path, parents[-1]):
                raise RefusedError("cannot change")
            if isinstance(here, list):
                # One that is put back is back in its place, see the examples: that is not the plainest way.
                assume(isinstance(change, Remove) or change.path not in gone)
                gone |= {change.path} if isinstance(change, Remove) else set()
            apply_to(here, key, change)
    return result


def apply_to(here: Object | list[JsonValue], key: str, change: Edit) -> None:
    """Apply an edit to the object or array that it is about."""
    if isinstance(here, list):
        places = [place for place, each in enumerate(here) if id_of(each) == key]
        if isinstance(change, Remove):
            here[:] = [each for each in here if id_of(each) != key]
        elif id_of(change.value) != key:
            raise RefusedError("no object with this id")
        elif places:
            here[places[-1]] = copy.deepcopy(change.value)
        else:
            here.append(copy.deepcopy(change.value))
    elif isinstance(change, Remove):
        here.pop(key, None)
    else:
        here[key] = copy.deepcopy(change.value)


def edited_spans(document: Document, edits: Sequence[Edit]) -> Iterator[tuple[int, int]]:
    """What the edits are about: members that go, and values that are replaced."""
    for change in edits:
        for start, value_start, end in document.spans.get(change.path, [])[-1 if isinstance(change, Put) else 0 :]:
            if isinstance(change, Remove):
                yield start, end
            elif not same(lookup(document.value, change.path), change.value):
                yield value_start, end


STRING = r'"(?:[^"\\]|\\.)*"'
STRING_OR_COMMENT = re.compile(rf"{STRING}|(//[^\r\n]*|/\*.*?\*/)", re.DOTALL)
STRING_OR_TRAILING_COMMA = re.compile(rf"({STRING})|,(?=\s*[}}\]])", re.DOTALL)


def comments(text: str) -> list[str]:
    """The comments of a text, in order."""
    return [token[1] for token in STRING_OR_COMMENT.finditer(text) if token[1] is not None]


def independently(text: str) -> JsonValue:
    """The value of a text as somebody else reads it."""
    bare = STRING_OR_COMMENT.sub(lambda token: token[0] if token[1] is None else " ", text.removeprefix("\ufeff"))
    value: JsonValue = json.loads(STRING_OR_TRAILING_COMMA.sub(lambda token: token[1] or "", bare))
    return value


def line_ends(text: str) -> set[str]:
    """The kinds of line ends in a text."""
    return set(re.findall(r"\r\n|\r|\n", text))


def put_spans(text: str, edits: Sequence[Edit]) -> list[Splice]:
    """The splices of edits that only put."""
    found = read(text)
    return list(put_splices(found.source, plan(found.source, found.value, edits)[1]))


def ordered(value: JsonValue) -> str:
    """A text that shows the order of keys, too."""
    return json.dumps(value)


@EVERY_LAYOUT
@given(documents())
def test_reading(document: Document) -> None:
    """A document reads as the value it was written for, its keys in order."""
    assert same(parse(document.text), document.value)
    assert ordered(parse(document.text)) == ordered(document.value)
    assert ordered(independently(document.text)) == ordered(document.value)


@EVERY_LAYOUT
@given(documents())
def test_edits_that_change_nothing(document: Document) -> None:
    """Without an edit, and with edits that change no value, the text comes back as it is."""
    assert edit(document.text, []) == document.text
    unchanged = [Put(path, lookup(document.value, path)) for path in present(document.value)]
    absent = [Remove((*path, "nothing here")) for path, _ in containers(document.value)]
    assert edit(document.text, [*unchanged, *absent]) == document.text


@EVERY_LAYOUT
@given(cases(mixtures))
def test_any_edits(case: tuple[Document, list[Edit]]) -> None:
    """The result reads as the edited value, and no comment outside edited values is lost; or the edits are refused."""
    document, edits = case
    try:
        expected = applied(document.value, edits)
    except RefusedError as refused:
        with pytest.raises(JsoncError, match=re.escape(str(refused))):
            edit(document.text, edits)
        return
    revision = revise(read(document.text), edits)
    assert revert(revision.text, revision.back) == document.text
    result = edit(document.text, edits)
    assert result == revision.text
    assert same(independently(result), expected)
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
    revision = revise(read(document.text), edits)
    values = {document.text[start:end] for start, end in edited_spans(document, edits)}
    assert {replaced for splices in revision.back for _, _, replaced in splices} <= values


@EVERY_LAYOUT
@given(cases(insertions))
def test_insertions(case: tuple[Document, list[Edit]]) -> None:
    """What is new is inserted between the old characters, and the new members come last, in the order given."""
    document, edits = case
    result = edit(document.text, edits)
    assert ordered(independently(result)) == ordered(applied(document.value, edits))
    splices = put_spans(document.text, edits)
    assert apply(document.text, splices) == result
    for start, end, _ in splices:
        assert start == end or re.fullmatch(r"[ \t]+[}\]]", document.text[start : end + 1]), "only if empty"
    assert comments(result) == comments(document.text)
    assert edit(result, edits) == result


@EVERY_LAYOUT
@given(cases(insertions))
def test_removing_what_was_put(case: tuple[Document, list[Edit]]) -> None:
    """It leaves nothing behind; only blanks, and the comma before it, may end up elsewhere."""
    document, edits = case
    there = {(), *present(document.value)}
    new = {next(e.path[:n] for n in range(1, len(e.path) + 1) if e.path[:n] not in there) for e in edits}
    result = edit(edit(document.text, edits), [Remove(path) for path in new])
    assert ordered(independently(result)) == ordered(document.value)
    assert comments(result) == comments(document.text)
    assert squeezed(result) == squeezed(document.text)
    assert result.count(",") == document.text.count(",")


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
    assert ordered(independently(result)) == ordered(applied(document.value, edits))
    assert edit(result, edits) == result


@EVERY_LAYOUT
@given(cases(removals))
def test_removals(case: tuple[Document, list[Edit]]) -> None:
    """The members, their duplicates, commas and blanks go; nothing else does, and nothing comes."""
    document, edits = case
    result = edit(document.text, edits)
    found = read(document.text)
    splices = list(removal_splices(found.source, plan(found.source, found.value, edits)[1]))
    assert apply(document.text, splices) == result
    assert not any(splice.text for splice in splices)
    spans = [(start, end) for e in edits for start, _, end in document.spans[e.path]]
    rest = document.outside(spans)
    assert comments(result) == comments(rest)
    assert squeezed(result) == squeezed(rest)
    assert rest.count(",") - result.count(",") <= len(spans)
    assert ordered(independently(result)) == ordered(applied(document.value, edits))
    assert edit(result, edits) == result


@EVERY_LAYOUT
@given(documents())
def test_commented(document: Document) -> None:
    """A comment anywhere in a value counts, of duplicates in the last one, and none outside it does."""
    values_of = {path: document.text[slice(*spans[-1][1:])] for path, spans in document.spans.items()}
    paths = present(document.value)
    nowhere = [(*path, "nothing here", path[-1]) for path in paths]
    assert commented(read(document.text), [*paths, *nowhere]) == {path for path in paths if comments(values_of[path])}


@EVERY_LAYOUT
@given(documents())
def test_foreign_comment(document: Document) -> None:
    """The first block comment, or the first line comment that a lone CR ends; a string is neither."""
    foreign = [
        token.start()
        for token in STRING_OR_COMMENT.finditer(document.text)
        if token[0].startswith("/*") or (token[1] and re.match(r"\r(?!\n)", document.text[token.end() :]))
    ]
    error = foreign_comment(read(document.text))
    if not foreign:
        assert error is None
        return
    lines = re.split(r"\r\n|\r|\n", document.text[: foreign[0]].removeprefix("\ufeff"))
    assert error is not None
    assert (error.line, error.column) == (len(lines), len(lines[-1]) + 1)


def squeezed(text: str) -> str:
    """A text without blanks and commas."""
    return re.sub(r"[ \t\r\n,]", "", text)
