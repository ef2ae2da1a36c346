"""Edits by example: one row for each rule of placement, layout and removal."""

from __future__ import annotations

import pytest

from litellm_discover.core.jsonc import Edit, JsonValue, Put, Remove, Verbatim, edit, parse
from litellm_discover.errors import JsoncError

NAMED: JsonValue = {"name": "N"}
X = Put(("x",), NAMED)
NESTED = Put(("p", "l", "x"), NAMED)

NO_CHANGE = {
    "no edits": ("[1, /* any root */]", []),
    "the same value": ('{"a": 1}', [Put(("a",), 1)]),
    "another spelling of a number": ('{"a": 1.10, "b": 1E-7}', [Put(("a",), 1.1), Put(("b",), 0.0000001)]),
    "a float that is an integer": ('{"a": 1}', [Put(("a",), 1.0)]),
    "minus zero": ('{"a": -0.0}', [Put(("a",), 0)]),
    "another spelling of a string": (r'{"a": "\u0061\/b"}', [Put(("a",), "a/b")]),
    "another order of keys": ('{"a": {"b": 1, "c": 2}}', [Put(("a",), {"c": 2, "b": 1})]),
    "an absent member removed": ('{"a": {}}', [Remove(("b",)), Remove(("a", "b")), Remove(("c", "d", "e"))]),
    "put and removed again": ('{"a": {}}', [Put(("b", "c"), 1), Remove(("b",))]),
    "removed and put again": ('{"a": 1, "b": 2}', [Remove(("a",)), Put(("a",), 1)]),
    "the last of duplicates": ('{"a": 1, "a": 2}', [Put(("a",), 2)]),
    "a reference that is there": ('{"key": "{env:KEY}"}', [Put(("key",), Verbatim("{env:KEY}"))]),
    "only the spelling of the brace": (r'{"a": "\u007benv:KEY}"}', [Put(("a",), "{env:KEY}")]),
    "a byte order mark, CRLF": ('\ufeff{\r\n"a": 1 // one\r\n}', [Put(("a",), 1)]),
}

INSERT = {
    "behind the last member": (
        '{\n  "a": {}\n}\n',
        [X],
        '{\n  "a": {},\n  "x": {\n    "name": "N"\n  }\n}\n',
    ),
    "the comma behind the value, the member behind the comments of the line": (
        '{\n  "a": {"b": 1} /* about a */\n  /* free */\n}',
        [X],
        '{\n  "a": {"b": 1}, /* about a */\n  "x": {"name": "N"}\n  /* free */\n}',
    ),
    "behind a trailing comma and its comment, which stays": (
        '{\n  "b": {"c": 1}, // two\n}',
        [X],
        '{\n  "b": {"c": 1}, // two\n  "x": {"name": "N"},\n}',
    ),
    "behind a trailing comma, itself behind a comment": (
        '{\n  "b": 2 /* two */, // too\n}',
        [X],
        '{\n  "b": 2 /* two */, // too\n  "x": {\n    "name": "N"\n  },\n}',
    ),
    "several, each with a trailing comma": (
        '{\n  "b": 2,\n}',
        [Put(("x",), 1), Put(("y",), 2)],
        '{\n  "b": 2,\n  "x": 1,\n  "y": 2,\n}',
    ),
    "before comments on lines of their own": (
        '{\n  "a": {"b": 1}\n  // add more above\n}',
        [X],
        '{\n  "a": {"b": 1},\n  "x": {"name": "N"}\n  // add more above\n}',
    ),
    "behind a block comment that starts on the line": (
        '{\n  "a": 1 /* one\n  or two */\n}',
        [Put(("x",), 1)],
        '{\n  "a": 1, /* one\n  or two */\n  "x": 1\n}',
    ),
    "behind comments around the colon": (
        '{\n  "a" /* 1 */ : /* 2 */ 1 // 3\n}',
        [Put(("x",), 1)],
        '{\n  "a" /* 1 */ : /* 2 */ 1, // 3\n  "x": 1\n}',
    ),
    "comma first": (
        '{\n    "a": 1\n  , "c": {"d": 2} // note\n}',
        [X],
        '{\n    "a": 1\n  , "c": {"d": 2} // note\n  , "x": {"name": "N"}\n}',
    ),
    "comma first, without a space": (
        '{\n   "a": 1\n  ,"c": 2\n}',
        [Put(("x",), 1), Put(("y",), 2)],
        '{\n   "a": 1\n  ,"c": 2\n  ,"x": 1\n  ,"y": 2\n}',
    ),
    "comma first with a trailing comma": (
        '{\n    "a": 1\n  , "c": 2,\n}',
        [Put(("x",), 1)],
        '{\n    "a": 1\n  , "c": 2,\n  "x": 1,\n}',
    ),
    "comma first with the trailing comma on its line": (
        '{\n    "a": 1\n  , "c": 2\n  ,\n}',
        [Put(("x",), 1)],
        '{\n    "a": 1\n  , "c": 2\n  ,\n  "x": 1,\n}',
    ),
    "blank lines are not imitated": (
        '{\n\n  "a": 1,\n\n  "b": 2\n\n}',
        [Put(("x",), 1)],
        '{\n\n  "a": 1,\n\n  "b": 2,\n  "x": 1\n\n}',
    ),
    "two on the last line": (
        '{\n  "a": 1, "b": 2\n}',
        [Put(("x",), 1)],
        '{\n  "a": 1, "b": 2, "x": 1\n}',
    ),
    "a closing brace on the last line": (
        '{"a": 1,\n "b": 2}',
        [Put(("x",), 1)],
        '{"a": 1,\n "b": 2,\n "x": 1}',
    ),
    "minified": ('{"a":{},"b":1}', [Put(("x/y",), NAMED)], '{"a":{},"b":1,"x/y":{"name":"N"}}'),
    "minified, one member": ('{"a":1}', [X], '{"a":1,"x":{"name":"N"}}'),
    "minified, empty": ('{"a":{}}', [Put(("a", "x"), NAMED)], '{"a":{"x":{"name":"N"}}}'),
    "minified, trailing comma": ('{"a":1,}', [X], '{"a":1,"x":{"name":"N"},}'),
    "minified, with a line comment": ('{"a":1// one\n}', [Put(("x",), 1)], '{"a":1,// one\n  "x":1\n}'),
    "one line": ('{ "a": { } }', [X], '{ "a": { }, "x": { "name": "N" } }'),
    "one line, comment": ('{ "a": 1 /* one */ }', [Put(("x",), 1)], '{ "a": 1, /* one */ "x": 1 }'),
    "one line, trailing comma": ('{ "a": 1, }', [Put(("x",), 1)], '{ "a": 1, "x": 1, }'),
    "one line, no padding": ('{"a": [1, 2]}', [Put(("x",), [3, {"b": 4}])], '{"a": [1, 2], "x": [3, {"b": 4}]}'),
    "one line, empty": ('{ "a": {} }', [Put(("a", "x"), NAMED)], '{ "a": { "x": { "name": "N" } } }'),
    "one line, a blank inside": ('{"a": { }}', [Put(("a", "x"), 1)], '{"a": { "x": 1 }}'),
    "one line, a comment inside": ('{"a": {/**/}}', [Put(("a", "x"), 1)], '{"a": {/**/ "x": 1}}'),
    "wide gaps": ('{"a" :  1,  "b" :  2}', [Put(("x",), 1)], '{"a" :  1,  "b" :  2,  "x" :  1}'),
    "padding as the sibling has it": (
        '{\n\t"a": {"name":"A","n":1},\n}',
        [Put(("x",), {"name": "N", "n": 2})],
        '{\n\t"a": {"name":"A","n":1},\n\t"x": {"name":"N","n":2},\n}',
    ),
    "one line as the last sibling that shows it": (
        '{\n  "a": { "n": 1 },\n  "b": {},\n  "c": 1\n}',
        [X],
        '{\n  "a": { "n": 1 },\n  "b": {},\n  "c": 1,\n  "x": { "name": "N" }\n}',
    ),
    "expanded as the last sibling": (
        '{\n  "a": { "n": 1 },\n  "b": [\n    1\n  ]\n}',
        [Put(("x",), [])],
        '{\n  "a": { "n": 1 },\n  "b": [\n    1\n  ],\n  "x": []\n}',
    ),
    "into an empty object of an expanded file": (
        '{\n  "p": {\n    "l": {}\n  }\n}',
        [Put(("p", "l", "x"), 1)],
        '{\n  "p": {\n    "l": {\n      "x": 1\n    }\n  }\n}',
    ),
    "into an empty object with a blank": (
        '{\n    "p": { }\n}',
        [Put(("p", "x"), 1)],
        '{\n    "p": {\n        "x": 1\n    }\n}',
    ),
    "into an empty object with a comment": (
        '{\n  "p": { /* here */ }\n}',
        [Put(("p", "x"), 1)],
        '{\n  "p": { /* here */\n    "x": 1\n  }\n}',
    ),
    "into an empty object with comments on lines": (
        "{ // c\n  // d\n }",
        [Put(("x",), 1)],
        '{ // c\n  "x": 1\n  // d\n }',
    ),
    "into an empty root": ("{}", [X], '{\n  "x": {\n    "name": "N"\n  }\n}'),
    "into an empty root of two lines": ("{\n}\n", [Put(("x",), 1)], '{\n  "x": 1\n}\n'),
    "into an empty root with a mark and CRLF": ("\ufeff{}\r\n", [Put(("x",), 1)], '\ufeff{\r\n  "x": 1\r\n}\r\n'),
    "with missing parents": (
        '{\n\t"a": 1\n}',
        [Put(("p", "l", "x"), 1), Put(("p", "l", "y"), 2)],
        '{\n\t"a": 1,\n\t"p": {\n\t\t"l": { "x": 1, "y": 2 }\n\t}\n}',
    ),
    "short plain lists and short objects stay on a line": (
        "{}",
        [Put(("m",), {"in": ["text", "image"], "both": {"in": ["a"], "cost": {"input": 3}}, "deep": [[1]]})],
        (
            '{\n  "m": {\n    "in": ["text", "image"],\n    "both": { "in": ["a"], "cost": { "input": 3 } },\n'
            '    "deep": [\n      [1]\n    ]\n  }\n}'
        ),
    ),
    "short is what has 80 characters": (
        "{}",
        [
            Put(
                ("m",),
                {"short": ["x" * 76], "long": ["x" * 77], "object": {"k": "x" * 69}, "deep": {"k": {"k": "x" * 61}}},
            )
        ],
        '{\n  "m": {\n    "short": ["' + "x" * 76 + '"],\n    "long": [\n      "' + "x" * 77 + '"\n    ],\n'
        '    "object": { "k": "' + "x" * 69 + '" },\n'
        '    "deep": {\n      "k": { "k": "' + "x" * 61 + '" }\n    }\n  }\n}',
    ),
    "with a missing parent, minified": ('{"a":1}', [NESTED], '{"a":1,"p":{"l":{"x":{"name":"N"}}}}'),
    "at several depths at once": (
        '{\n  "p": {\n    "l": {\n      "m": 1\n    }\n  }\n}',
        [Put(("p", "l", "x"), 1), Put(("p", "x"), 2), Put(("x",), 3)],
        '{\n  "p": {\n    "l": {\n      "m": 1,\n      "x": 1\n    },\n    "x": 2\n  },\n  "x": 3\n}',
    ),
    "lone CR": ('{\r\t"a": 1\r}', [Put(("x",), 1)], '{\r\t"a": 1,\r\t"x": 1\r}'),
    "the nearest line end of several": (
        '{\n  "a": 1,\r\n  "b": 2\n}',
        [Put(("x",), 1)],
        '{\n  "a": 1,\r\n  "b": 2,\r\n  "x": 1\n}',
    ),
    "into the last of duplicates": (
        '{"a": {"b": 1}, "a": {"c": 1}}',
        [Put(("a", "x"), 1)],
        '{"a": {"b": 1}, "a": {"c": 1, "x": 1}}',
    ),
    "behind an escaped key": (
        r'{"\u0070": {"openai\/gpt-4o": 1}}',
        [Put(("p", "x"), 1)],
        r'{"\u0070": {"openai\/gpt-4o": 1, "x": 1}}',
    ),
    "keys that other tools stumble over": (
        '{"10": 1, "2": 2}',
        [Put((key,), 0) for key in ("1", "__proto__", "", "a.b", "a/b~c")],
        '{"10": 1, "2": 2, "1": 0, "__proto__": 0, "": 0, "a.b": 0, "a/b~c": 0}',
    ),
}

REPLACE = {
    "only the value": ('{ "a" :1 /* one */, }', [Put(("a",), 2)], '{ "a" :2 /* one */, }'),
    "one line stays one line": (
        '{\n  "a": { "name":"A" }, // a\n  "b": 1\n}',
        [Put(("a",), {"name": "B", "n": 1})],
        '{\n  "a": { "name":"B", "n":1 }, // a\n  "b": 1\n}',
    ),
    "lines stay lines, with the indentation of the member": (
        '{\n    "a": {\n        "b": 1\n    }\n}',
        [Put(("a",), {"c": [1, {}]})],
        '{\n    "a": {\n        "c": [\n            1,\n            {}\n        ]\n    }\n}',
    ),
    "an empty object is filled as its siblings are": (
        '{\n  "a": {},\n  "b": { "c": 1 }\n}',
        [Put(("a",), {"d": 2})],
        '{\n  "a": { "d": 2 },\n  "b": { "c": 1 }\n}',
    ),
    "a number by an object in an expanded file": (
        '{\n  "a": 1\n}',
        [Put(("a",), {"b": 2})],
        '{\n  "a": {\n    "b": 2\n  }\n}',
    ),
    "a list on one line": ('{\n  "a": ["b"]\n}', [Put(("a",), ["c", "d"])], '{\n  "a": ["c", "d"]\n}'),
    "the last of duplicates": ('{"a":{"x":1},"a":{"x":2}}', [Put(("a", "x"), 3)], '{"a":{"x":1},"a":{"x":3}}'),
    "true by 1": ('{"a": true}', [Put(("a",), 1)], '{"a": 1}'),
    "0 by false": ('{"a": [0]}', [Put(("a",), [False])], '{"a": [false]}'),
    "the last edit of a path counts": ('{"a": 1}', [Put(("a",), 2), Remove(("a",)), Put(("a",), 3)], '{"a": 3}'),
    "an object that was put is edited on": (
        '{"a": {"b": 1}}',
        [Put(("a",), {}), Put(("a", "c"), 2), Put(("a", "d", "e"), 3)],
        '{"a": {"c": 2, "d": {"e": 3}}}',
    ),
    "an escaped key keeps its spelling": (r'{"\u0061": 1}', [Put(("a",), 2)], r'{"\u0061": 2}'),
}

DELETE = {
    "the last of two": ('{"a":{},"b":{}}', [Remove(("b",))], '{"a":{}}'),
    "the first of two": ('{"a":{},"b":{}}', [Remove(("a",))], '{"b":{}}'),
    "the only one of a line": ('{ "a": {} }', [Remove(("a",))], "{ }"),
    "the only one with a trailing comma": ('{"a":{"x":1,},}', [Remove(("a", "x"))], '{"a":{},}'),
    "all with a trailing comma": ('{ "a": 1, "b": 2, }', [Remove(("a",)), Remove(("b",))], "{ }"),
    "the middle one of a line": ('{ "a": 1, "b": 2, "c": 3 }', [Remove(("b",))], '{ "a": 1, "c": 3 }'),
    "the first one, no padding": ('{"a": 1, "b": 2}', [Remove(("a",))], '{"b": 2}'),
    "the last one, padding": ('{ "a": 1, "b": 2 }', [Remove(("b",))], '{ "a": 1 }'),
    "the last two": ('{"a": 1, "b": 2, "c": 3}', [Remove(("b",)), Remove(("c",))], '{"a": 1}'),
    "the last one, trailing comma stays": ('{"a": 1, "b": 2,}', [Remove(("b",))], '{"a": 1,}'),
    "with its line": ('{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}', [Remove(("b",))], '{\n  "a": 1,\n  "c": 3\n}'),
    "with its CRLF line": ('{\r\n  "a": 1,\r\n  "b": 2\r\n}', [Remove(("a",))], '{\r\n  "b": 2\r\n}'),
    "with all of its lines": (
        '{\n  "a": {\n    "b": 1 // in it\n  },\n  "c": 3\n}',
        [Remove(("a",))],
        '{\n  "c": 3\n}',
    ),
    "the last line, and the comma before it": ('{\n  "a": 1,\n  "b": 2\n}', [Remove(("b",))], '{\n  "a": 1\n}'),
    "the only line": ('{\n  "a": 1,\n}\n', [Remove(("a",))], "{\n}\n"),
    "not the comment beside it": (
        '{\n  "a": {}, // one\n  "b": {}\n}',
        [Remove(("a",))],
        '{\n  // one\n  "b": {}\n}',
    ),
    "not the comment beside the last one": (
        '{\n  "a": 1, // one\n  "b": 2 // two\n}',
        [Remove(("b",))],
        '{\n  "a": 1 // one\n  // two\n}',
    ),
    "not the comments above": (
        '{\n  "a": 1, // one\n  // about b\n  "b": 2\n}',
        [Remove(("b",))],
        '{\n  "a": 1 // one\n  // about b\n}',
    ),
    "not the comments between value and comma": (
        '{ /* 1 */ "a": 1 /* 2 */, /* 3 */ "b": 2 /* 4 */ }',
        [Remove(("a",))],
        '{ /* 1 */ /* 2 */ /* 3 */ "b": 2 /* 4 */ }',
    ),
    "but the comments inside": ('{"a" /* 1 */: /* 2 */ [/* 3 */] /* 4 */}', [Remove(("a",))], "{/* 4 */}"),
    "two of one line": (
        '{\n  "a": 1, "b": 2,\n  "c": 3\n}',
        [Remove(("a",)), Remove(("b",))],
        '{\n  "c": 3\n}',
    ),
    "the second of a line": ('{\n  "a": 1, "b": 2\n}', [Remove(("b",))], '{\n  "a": 1\n}'),
    "blank lines stay": ('{\n\n  "a": 1,\n\n  "b": 2\n\n}', [Remove(("a",))], '{\n\n\n  "b": 2\n\n}'),
    "comma first": ('{\n    "a": 1\n  , "b": 2\n  , "c": 3\n}', [Remove(("b",))], '{\n    "a": 1\n  , "c": 3\n}'),
    "comma first, the first": ('{\n    "a": 1\n  , "b": 2\n}', [Remove(("a",))], '{\n  "b": 2\n}'),
    "comma first, the last, with a note": (
        '{\n    "a": 1\n  , "b": 2 // note\n}',
        [Remove(("b",))],
        '{\n    "a": 1\n  // note\n}',
    ),
    "comma first, trailing comma": ('{\n    "a": 1\n  , "b": 2\n  ,\n}', [Remove(("b",))], '{\n    "a": 1\n  ,\n}'),
    "a comma on a line of its own": ('{\n  "a": 1 // one\n  ,\n  "b": 2\n}', [Remove(("b",))], '{\n  "a": 1 // one\n}'),
    "all duplicates": (
        '{\n  "a": 1,\n  "b": 2,\n  "\\u0061": 3,\n}',
        [Remove(("a",))],
        '{\n  "b": 2,\n}',
    ),
    "in the last of duplicates": ('{"a": {"x": 1}, "a": {"x": 2}}', [Remove(("a", "x"))], '{"a": {"x": 1}, "a": {}}'),
}

TOGETHER = {
    "one goes, one comes": (
        '{\n  "a": 1, // one\n  "b": { "n": 2 } // two\n}',
        [Remove(("b",)), X],
        '{\n  "a": 1, // one\n  // two\n  "x": { "name": "N" }\n}',
    ),
    "all go, one comes, looking like them": (
        '{\n    "a": { "n": 1 }\n  , "b": { "n": 2 }\n}',
        [Remove(("a",)), Remove(("b",)), X],
        '{\n  "x": { "name": "N" }\n}',
    ),
    "minified": ('{"a":1,"b":2,"c":3}', [Put(("x",), 1), Remove(("c",)), Put(("a",), 9)], '{"a":9,"b":2,"x":1}'),
    "one line": ('{ "a": 1, "b": 2 }', [Remove(("b",)), Put(("x",), 1)], '{ "a": 1, "x": 1 }'),
    "removed and put with another value, in place": (
        '{"a": 1, "b": 2}',
        [Remove(("a",)), Put(("a",), 3)],
        '{"a": 3, "b": 2}',
    ),
    "an object removed and made again": ('{"a": {"b": 1}}', [Remove(("a",)), Put(("a", "c"), 2)], '{"a": {"c": 2}}'),
}

CHANGES = {
    f"{name}: {row}": case
    for name, table in (("insert", INSERT), ("replace", REPLACE), ("delete", DELETE), ("both", TOGETHER))
    for row, case in table.items()
}


@pytest.mark.parametrize(("text", "edits"), NO_CHANGE.values(), ids=NO_CHANGE.keys())
def test_no_change(text: str, edits: list[Edit]) -> None:
    """An edit that changes no value returns the text as it is."""
    assert edit(text, edits) == text


@pytest.mark.parametrize(("before", "edits", "after"), CHANGES.values(), ids=CHANGES.keys())
def test_change(before: str, edits: list[Edit], after: str) -> None:
    """The result is this text and no other; the same edits once more change nothing."""
    assert edit(before, edits) == after
    assert edit(after, edits) == after


@pytest.mark.parametrize(
    ("text", "path", "line", "column", "message"),
    [
        ('{\n"p": {"l": null}}', ("p", "l", "x"), 2, 12, "p.l is null, not an object"),
        ('{"p": "x"}', ("p", "l", "x"), 1, 7, "p is a string, not an object"),
        ('{"p": 1, "p": true}', ("p", "l"), 1, 15, "p is a boolean, not an object"),
        ('{"p": {}, "p": 1}', ("p", "l"), 1, 16, "p is a number, not an object"),
        ('{"a.b": {"c d": 1.5}}', ("a.b", "c d", "e"), 1, 17, '"a.b"."c d" is a number, not an object'),
        ("/**/ [{}]", ("p",), 1, 6, "the root is an array, not an object"),
        ('"text"', ("p",), 1, 1, "the root is a string, not an object"),
    ],
)
def test_something_in_the_way(text: str, path: tuple[str, ...], line: int, column: int, message: str) -> None:
    """What is there and no object is never replaced to make room; the error says where it is and what."""
    for change in (Put(path, 1), Remove(path)):
        with pytest.raises(JsoncError) as caught:
            edit(text, [change])
        assert (caught.value.line, caught.value.column) == (line, column)
        assert caught.value.message.endswith(message)


def test_something_put_in_the_way() -> None:
    """An edit that puts a number cannot be followed by one that goes through it."""
    with pytest.raises(JsoncError, match=r"line 1, column 2: a\.b is a number"):
        edit(" {}", [Put(("a", "b"), 1), Put(("a", "b", "c"), 2)])
    with pytest.raises(JsoncError, match=r"line 1, column 7: a\.b is null"):
        edit('{"a": 1}', [Put(("a",), {"b": None}), Put(("a", "b", "c"), 2)])


def test_values_are_not_taken_over() -> None:
    """The caller's value is not changed by later edits of members inside it."""
    value: dict[str, JsonValue] = {"b": {}}
    assert parse(edit("{}", [Put(("a",), value), Put(("a", "b", "c"), 1)])) == {"a": {"b": {"c": 1}}}
    assert value == {"b": {}}


def test_a_long_line_is_broken() -> None:
    """A sibling on one line does not put a whole provider on one line."""
    models: JsonValue = {f"model {n}": {"name": "N"} for n in range(20)}
    result = edit('{\n  "a": { "b": 1 }\n}', [Put(("x",), {"models": models})])
    assert max(map(len, result.splitlines())) < 40


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("é ☃ \U0001f680", '"é ☃ \\ud83d\\ude80"'),
        ('"\\/\b\f\n\r\t\x01', r'"\"\\/\b\f\n\r\t\u0001"'),
        ("\ud800 \udfff", r'"\ud800 \udfff"'),
        ("\u2028\u2029\x7f\ufeff", r'"\u2028\u2029\u007f\ufeff"'),
        ("{env:HOME} and {file:/x}", r'"\u007benv:HOME} and \u007bfile:/x}"'),
        (Verbatim("{env:KEY}\u2028"), '"{env:KEY}\\u2028"'),
        ([True, False, None, 0, -1, 1e22, 0.1], "[true, false, null, 0, -1, 1e+22, 0.1]"),
        ({"{env:X}": "{", "": []}, r'{"\u007benv:X}": "\u007b", "": []}'),
    ],
)
def test_spelling(value: JsonValue, text: str) -> None:
    """New text is readable, can be encoded, breaks no line, and has no ``{`` in a string unless it is asked for."""
    result = edit('{"a": 0, "b": 0}', [Put(("b",), value)])
    assert result == f'{{"a": 0, "b": {text}}}'
    assert parse(result) == {"a": 0, "b": value}


@pytest.mark.parametrize("value", [float("inf"), float("nan"), -(10**5000)], ids=["inf", "nan", "huge"])
def test_numbers_without_a_spelling(value: float) -> None:
    """A number that JSON, or a reader of it, does not have is refused."""
    with pytest.raises(JsoncError, match=r"^line 2, column 6: a new value here cannot be written"):
        edit('{\n"a": {}}', [Put(("a", "b"), [value])])


def test_a_value_that_is_too_deep() -> None:
    """A new value may not be nested more deeply than can be read again."""
    value: JsonValue = 0
    for _ in range(10_000):
        value = [value]
    with pytest.raises(JsoncError):
        edit("{}", [Put(("a",), value)])


def test_a_result_that_cannot_be_read() -> None:
    """A result that does not read as expected is not returned: the error says that the file is left alone."""
    value: JsonValue = 0
    for _ in range(20):
        value = [value]
    text = '{"a":' * 500 + "{}" + "}" * 500
    with pytest.raises(JsoncError, match="could not be verified; the file is left alone"):
        edit(text, [Put((*["a"] * 500, "b"), value)])


def test_a_deep_edit() -> None:
    """A member 500 levels deep is edited like any other."""
    text = '{"a":' * 500 + "{}" + "}" * 500
    assert edit(text, [Put((*["a"] * 500, "b"), 1)]) == '{"a":' * 500 + '{"b":1}' + "}" * 500
