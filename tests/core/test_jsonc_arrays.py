"""Edits of arrays by example: their items are known by their ids, and one row stands for each rule about them."""

from __future__ import annotations

import json
import sys

import pytest

from litellm_discover.core.jsonc import (
    Edit,
    JsonValue,
    Put,
    Remove,
    commented,
    edit,
    editor,
    keyed,
    parse,
    read,
    revert,
    revise,
)
from litellm_discover.errors import JsoncError

X = Put(("m", "x"), {"id": "x", "n": 1})
Y = Put(("m", "y"), {"id": "y"})
NO_X = Remove(("m", "x"))

NO_CHANGE = {
    "the same item": ('{"m": [{"id": "x", "n": 1.0}]}', [X]),
    "the same item, its members in another order": ('{"m": [{"n": 1, "id": "x"}]}', [X]),
    "the same id, spelt in another way": (r'{"m": [{"\u0069d": "\u0078", "n": 1}]}', [X]),
    "the last of several": ('{"m": [{"id": "x"}, {"id": "x", "n": 1}]}', [X]),
    "the same member of an item": ('{"m": [{"id": "x", "n": 1}]}', [Put(("m", "x", "n"), 1)]),
    "the same id of an item": ('{"m": [{"id": "x", "n": 1}]}', [Put(("m", "x", "id"), "x")]),
    "an absent item removed": ('{"m": [{"id": "y"}, ]}', [NO_X, Remove(("m", "x", "n")), Remove(("m", "x", "y", "z"))]),
    "an absent member of an item removed": ('{"m": [{"id": "x"}]}', [Remove(("m", "x", "n"))]),
    "put and removed again": ('{"m": [ ]}', [X, NO_X]),
    "removed and put again": ('{"m": [{"id": "x", "n": 1}, {"id": "y"}]}', [NO_X, X]),
    "the whole array, put together again": ('{"m": [{"id": "x", "n": 1} /* one */]}', [Put(("m",), []), X]),
    "a number is no id": ('{"m": [{"id": 1}, {"id": 1.5}]}', [Remove(("m", "1")), Remove(("m", "1.5"))]),
    "other types are none either": ('{"m": [{"id": null}, {"id": ["x"]}, {"id": {"x": 1}}, {"id": true}, {}]}', [NO_X]),
    "what is no object has no id": ('{"m": ["x", ["x"], null, 1, [{"id": "x"}]]}', [NO_X]),
    "a place is no id": ('{"m": [{"id": "x"}]}', [Remove(("m", "0"))]),
    "of two keys the last is the id": ('{"m": [{"id": "x", "id": "y"}]}', [NO_X, Y]),
    "and it may be no string": ('{"m": [{"id": "x", "id": 1}]}', [NO_X]),
}

INSERT = {
    "behind the last item": (
        '{\n  "m": [\n    {\n      "id": "a"\n    }\n  ]\n}\n',
        [X, Y],
        (
            '{\n  "m": [\n    {\n      "id": "a"\n    },\n    {\n      "id": "x",\n      "n": 1\n    },\n'
            '    {\n      "id": "y"\n    }\n  ]\n}\n'
        ),
    ),
    "the comma behind the item, the new one behind the comments of the line": (
        '{\n  "m": [\n    {"id": "a"} /* about a */ // it\n    // free\n  ]\n}',
        [X],
        '{\n  "m": [\n    {"id": "a"}, /* about a */ // it\n    {"id": "x", "n": 1}\n    // free\n  ]\n}',
    ),
    "behind a trailing comma and its comment, which stays": (
        '{\n  "m": [\n    { "id": "a" }, // one\n  ],\n}',
        [X, Y],
        '{\n  "m": [\n    { "id": "a" }, // one\n    { "id": "x", "n": 1 },\n    { "id": "y" },\n  ],\n}',
    ),
    "comma first": (
        '{\n  "m": [\n      { "id": "a" }\n    , { "id": "b" } // note\n  ]\n}',
        [X, Y],
        (
            '{\n  "m": [\n      { "id": "a" }\n    , { "id": "b" } // note\n'
            '    , { "id": "x", "n": 1 }\n    , { "id": "y" }\n  ]\n}'
        ),
    ),
    "comma first with a trailing comma": (
        '{\n  "m": [\n      { "id": "a" }\n    , { "id": "b" }\n    ,\n  ]\n}',
        [X],
        '{\n  "m": [\n      { "id": "a" }\n    , { "id": "b" }\n    ,\n    { "id": "x", "n": 1 },\n  ]\n}',
    ),
    "minified": ('{"m":[{"id":"a"}]}', [X, Y], '{"m":[{"id":"a"},{"id":"x","n":1},{"id":"y"}]}'),
    "minified, trailing comma": ('{"m":[{"id":"a"},]}', [X], '{"m":[{"id":"a"},{"id":"x","n":1},]}'),
    "minified, empty": ('{"m":[]}', [X, Y], '{"m":[{"id":"x","n":1},{"id":"y"}]}'),
    "minified in lines": ('{\n"m":[{"id":"a"}]\n}', [X], '{\n"m":[{"id":"a"},{"id":"x","n":1}]\n}'),
    "one line": (
        '{\n  "m": [{ "id": "a" }] // all\n}',
        [X],
        '{\n  "m": [{ "id": "a" }, { "id": "x", "n": 1 }] // all\n}',
    ),
    "one line, wide": (
        '{ "m":  [ {"id" : "a"},  {"id" : "b", "n" : 2} ] }',
        [X],
        '{ "m":  [ {"id" : "a"},  {"id" : "b", "n" : 2},  {"id" : "x", "n" : 1} ] }',
    ),
    "one line, a comment that ends it": (
        '{\n  "m": [{ "id": "a" } // one\n  ]\n}',
        [X],
        '{\n  "m": [{ "id": "a" }, // one\n    { "id": "x", "n": 1 }\n  ]\n}',
    ),
    "one line as the nearest item that shows it": (
        '{\n  "m": [\n    {\n      "id": "a"\n    },\n    {"id": "b"},\n    {},\n    5\n  ]\n}',
        [X],
        (
            '{\n  "m": [\n    {\n      "id": "a"\n    },\n    {"id": "b"},\n    {},\n    5,\n'
            '    {"id": "x", "n": 1}\n  ]\n}'
        ),
    ),
    "brackets that hug": (
        '{\n  "m": [{\n    "id": "a"\n  }]\n}',
        [X, Y],
        '{\n  "m": [{\n    "id": "a"\n  }, {\n    "id": "x",\n    "n": 1\n  }, {\n    "id": "y"\n  }]\n}',
    ),
    "brackets that hug several, a comment between them": (
        '{\n\t"m": [{\n\t\t"id": "a"\n\t}, /* a */ {\n\t\t"id": "b"\n\t} /* b */]\n}',
        [X],
        (
            '{\n\t"m": [{\n\t\t"id": "a"\n\t}, /* a */ {\n\t\t"id": "b"\n\t}, /* b */ {\n'
            '\t\t"id": "x",\n\t\t"n": 1\n\t}]\n}'
        ),
    ),
    "into an empty array of an expanded file": (
        '{\n  "m": []\n}',
        [X, Y],
        '{\n  "m": [\n    {\n      "id": "x",\n      "n": 1\n    },\n    {\n      "id": "y"\n    }\n  ]\n}',
    ),
    "into an empty array with a comment": (
        '{\n\t"m": [ /* none */ ]\n}',
        [X],
        '{\n\t"m": [ /* none */\n\t\t{\n\t\t\t"id": "x",\n\t\t\t"n": 1\n\t\t}\n\t]\n}',
    ),
    "into an empty array with comments on lines": (
        '{\n  "m": [ // c\n    // d\n  ]\n}',
        [Y],
        '{\n  "m": [ // c\n    {\n      "id": "y"\n    }\n    // d\n  ]\n}',
    ),
    "into an empty array of one line": ('{ "m": [] }', [X], '{ "m": [{ "id": "x", "n": 1 }] }'),
    "into an empty array with a blank": ('{"m": [ ]}', [Y], '{"m": [ {"id": "y"} ]}'),
    "into an empty array of one line with a comment": ('{"m": [/**/]}', [Y], '{"m": [/**/ {"id": "y"}]}'),
    "behind items without an id, which stay as they are": (
        '{"m": [ 1,  "x" , {"id" :5}, {"id":"x","id":null} ]}',
        [Y],
        '{"m": [ 1,  "x" , {"id" :5}, {"id":"x","id":null}, {"id":"y"} ]}',
    ),
    "behind an item with a number for an id that looks the same": (
        '{"m":[{"id":1},{"id":1.5}]}',
        [Put(("m", "1"), {"id": "1"}), Put(("m", "1.5"), {"id": "1.5"})],
        '{"m":[{"id":1},{"id":1.5},{"id":"1"},{"id":"1.5"}]}',
    ),
    "padded as the objects around it where no item shows it": (
        '{ "m": [1] }',
        [Y],
        '{ "m": [1, { "id": "y" }] }',
    ),
    "as far from the comma as the members around it where no item shows it": (
        '{"n":1,  "m":[1]}',
        [Y],
        '{"n":1,  "m":[1,  {"id":"y"}]}',
    ),
    "at the margin, as the last item": (
        '{\n  "m": [\n    { "id": "a" },\n{ "id": "b" }\n  ]\n}',
        [Y],
        '{\n  "m": [\n    { "id": "a" },\n{ "id": "b" },\n{ "id": "y" }\n  ]\n}',
    ),
    "padded inside as the objects around it where brackets hug": (
        '{\n  "m": [{\n    "id": "a"\n  }]\n}',
        [Put(("m", "y"), {"id": "y", "o": {"n": 1}})],
        '{\n  "m": [{\n    "id": "a"\n  }, {\n    "id": "y",\n    "o": { "n": 1 }\n  }]\n}',
    ),
    "lone CR, byte order mark": (
        '\ufeff{\r "m": [\r  {"id": "a"}\r ]\r}',
        [Y],
        '\ufeff{\r "m": [\r  {"id": "a"},\r  {"id": "y"}\r ]\r}',
    ),
    "CRLF": (
        '{\r\n "m": [\r\n  {"id": "a"},\r\n ]\r\n}',
        [Y],
        '{\r\n "m": [\r\n  {"id": "a"},\r\n  {"id": "y"},\r\n ]\r\n}',
    ),
    "a member into an item": (
        '{\n  "m": [\n    { "id": "x" }, // x\n    { "id": "y" }\n  ]\n}',
        [Put(("m", "x", "n"), 1), Put(("m", "y", "o", "p"), 2)],
        '{\n  "m": [\n    { "id": "x", "n": 1 }, // x\n    { "id": "y", "o": { "p": 2 } }\n  ]\n}',
    ),
    "a member into the last of several items": (
        '{"m":[{"id":"x"},{"id":"x","o":{}},{"id":"y"}]}',
        [Put(("m", "x", "o", "n"), 1)],
        '{"m":[{"id":"x"},{"id":"x","o":{"n":1}},{"id":"y"}]}',
    ),
    "an item into an array in an item": (
        '{"m":[{"id":"y","m":[{"id":"x"}]}]}',
        [Put(("m", "y", "m", "z"), {"id": "z"}), Put(("m", "y", "m", "x", "n"), 1)],
        '{"m":[{"id":"y","m":[{"id":"x","n":1},{"id":"z"}]}]}',
    ),
    "an array and its items": (
        '{\n  "a": 1\n}',
        [Put(("p", "m"), []), Put(("p", "m", "x"), {"id": "x"}), Put(("p", "m", "x", "n"), 1)],
        '{\n  "a": 1,\n  "p": {\n    "m": [\n      { "id": "x", "n": 1 }\n    ]\n  }\n}',
    ),
    "an array that was put with items": (
        "{}",
        [Put(("m",), [{"id": "x"}, 5, {"id": "y"}]), X, Remove(("m", "y")), Put(("m", "z"), {"id": "z"})],
        '{\n  "m": [\n    { "id": "x", "n": 1 },\n    5,\n    { "id": "z" }\n  ]\n}',
    ),
    "an object where nothing is: arrays are not made by the way": (
        "{}",
        [Y],
        '{\n  "m": {\n    "y": { "id": "y" }\n  }\n}',
    ),
    "in the order given": (
        '{"m":[{"id":"b"}]}',
        [Put(("m", key), {"id": key}) for key in ("c", "a", "b", "__proto__", "", "0")],
        '{"m":[{"id":"b"},{"id":"c"},{"id":"a"},{"id":"__proto__"},{"id":""},{"id":"0"}]}',
    ),
}

REPLACE = {
    "only the item": (
        '{"m": [ {"id": "a"} , /* 1 */ {"id": "x"} /* 2 */ , {"id": "b"}, ]}',
        [X],
        '{"m": [ {"id": "a"} , /* 1 */ {"id": "x", "n": 1} /* 2 */ , {"id": "b"}, ]}',
    ),
    "the last of several": ('{"m":[{"id":"x"},{"id":"x","n":2},1]}', [X], '{"m":[{"id":"x"},{"id":"x","n":1},1]}'),
    "one with two keys for the id": (
        '{"m":[{"id":"y","id":"x"},{"id":"x","id":"y"}]}',
        [X],
        '{"m":[{"id":"x","n":1},{"id":"x","id":"y"}]}',
    ),
    "one line stays one line": (
        '{\n  "m": [\n    {"id":"x"}, // x\n    {\n      "id": "y"\n    }\n  ]\n}',
        [X],
        '{\n  "m": [\n    {"id":"x","n":1}, // x\n    {\n      "id": "y"\n    }\n  ]\n}',
    ),
    "lines stay lines, with the indentation of the item": (
        '{\n    "m": [\n        {\n            "id": "x"\n        },\n        {"id": "y"}\n    ]\n}',
        [X],
        (
            '{\n    "m": [\n        {\n            "id": "x",\n            "n": 1\n        },\n'
            '        {"id": "y"}\n    ]\n}'
        ),
    ),
    "brackets that hug": (
        '{\n  "m": [{\n    "id": "x"\n  }, {\n    "id": "y",\n    "n": 1\n  }]\n}',
        [X, Y],
        '{\n  "m": [{\n    "id": "x",\n    "n": 1\n  }, {\n    "id": "y"\n  }]\n}',
    ),
    "a member of an item": (
        '{"m": [{"id": "x", "n" :1 /* one */, }, {"id": "y"}]}',
        [Put(("m", "x", "n"), 2)],
        '{"m": [{"id": "x", "n" :2 /* one */, }, {"id": "y"}]}',
    ),
    "a member of an item that was put": (
        '{"m":[{"id":"x"}]}',
        [X, Put(("m", "x", "n"), 2)],
        '{"m":[{"id":"x","n":2}]}',
    ),
    "an item, a member of which was put": (
        '{"m":[{"id":"x"}]}',
        [Put(("m", "x", "n"), 2), X],
        '{"m":[{"id":"x","n":1}]}',
    ),
    "the id of what is no item": (
        '{"id":"a","m":[{"id":"x","o":{"id":"b"}}],"o":{"x":{"id":"x"}}}',
        [Put(path, "y") for path in (("id",), ("m", "x", "o", "id"), ("o", "x", "id"))],
        '{"id":"y","m":[{"id":"x","o":{"id":"y"}}],"o":{"x":{"id":"y"}}}',
    ),
    "the whole array": ('{"m": [{"id": "x"}]}', [Put(("m",), [1]), X], '{"m": [1, {"id": "x", "n": 1}]}'),
    "in the last of two arrays": (
        '{"m":[{"id":"x"}],"m":[{"id":"x"}]}',
        [X],
        '{"m":[{"id":"x"}],"m":[{"id":"x","n":1}]}',
    ),
}

DELETE = {
    "the first of two": ('{"m":[{"id":"x"},{"id":"y"}]}', [NO_X], '{"m":[{"id":"y"}]}'),
    "the last of two": ('{"m":[{"id":"y"},{"id":"x"}]}', [NO_X], '{"m":[{"id":"y"}]}'),
    "the only one": ('{"m": [{"id": "x"}]}', [NO_X], '{"m": []}'),
    "the only one, padding": ('{ "m": [ { "id": "x" } ] }', [NO_X], '{ "m": [ ] }'),
    "the only one with a trailing comma": ('{"m":[{"id":"x"},],}', [NO_X], '{"m":[],}'),
    "the last one, the trailing comma stays": ('{"m": [1, {"id": "x"},]}', [NO_X], '{"m": [1,]}'),
    "all of them": ('{"m":[{"id":"x"},{"id":"x","n":1},1,{"id":"x"}]}', [NO_X], '{"m":[1]}'),
    "all of them and another": (
        '{ "m": [ {"id": "x"}, {"id": "y"}, {"id": "x"}, ] }',
        [NO_X, Remove(("m", "y"))],
        '{ "m": [ ] }',
    ),
    "none without an id": (
        '{"m":[{"id":"x"},"x",{"id":["x"]},{"id":"x","id":1}]}',
        [NO_X],
        '{"m":["x",{"id":["x"]},{"id":"x","id":1}]}',
    ),
    "one whose id is spelt in another way": (r'{"m":[{"\u0069d":"\u0078"}]}', [NO_X], '{"m":[]}'),
    "with its lines": (
        '{\n  "m": [\n    {"id": "a"},\n    {\n      "id": "x" // in it\n    },\n    {"id": "b"}\n  ]\n}',
        [NO_X],
        '{\n  "m": [\n    {"id": "a"},\n    {"id": "b"}\n  ]\n}',
    ),
    "the last line, and the comma before it": (
        '{\n  "m": [\n    {"id": "a"},\n    {"id": "x"}\n  ]\n}',
        [NO_X],
        '{\n  "m": [\n    {"id": "a"}\n  ]\n}',
    ),
    "the only line": ('{\n  "m": [\n    {"id": "x"},\n  ]\n}', [NO_X], '{\n  "m": [\n  ]\n}'),
    "not the comments around it": (
        '{\n  "m": [ // all\n    {"id": "a"}, // one\n    // about x\n    {"id": "x"}, // two\n    {"id": "b"}\n  ]\n}',
        [NO_X],
        '{\n  "m": [ // all\n    {"id": "a"}, // one\n    // about x\n    // two\n    {"id": "b"}\n  ]\n}',
    ),
    "not the comments around the last one": (
        '{\n  "m": [\n    {"id": "a"}, // one\n    {"id": "x"} // two\n    // end\n  ]\n}',
        [NO_X],
        '{\n  "m": [\n    {"id": "a"} // one\n    // two\n    // end\n  ]\n}',
    ),
    "comma first": (
        '{\n  "m": [\n      {"id": "a"}\n    , {"id": "x"}\n    , {"id": "b"}\n  ]\n}',
        [NO_X],
        '{\n  "m": [\n      {"id": "a"}\n    , {"id": "b"}\n  ]\n}',
    ),
    "brackets that hug, the first": (
        '{\n  "m": [{\n    "id": "x"\n  }, {\n    "id": "b"\n  }]\n}',
        [NO_X],
        '{\n  "m": [{\n    "id": "b"\n  }]\n}',
    ),
    "brackets that hug, the last": (
        '{\n  "m": [{\n    "id": "a"\n  }, {\n    "id": "x"\n  }]\n}',
        [NO_X],
        '{\n  "m": [{\n    "id": "a"\n  }]\n}',
    ),
    "brackets that hug, the only one": ('{\n  "m": [{\n    "id": "x"\n  }]\n}', [NO_X], '{\n  "m": []\n}'),
    "a member of the last of several": (
        '{"m":[{"id":"x","n":1},{"id":"x","n":1}]}',
        [Remove(("m", "x", "n"))],
        '{"m":[{"id":"x","n":1},{"id":"x"}]}',
    ),
    "the array": ('{"m": [{"id": "x"}], "n": 1}', [Remove(("m",))], '{"n": 1}'),
}

TOGETHER = {
    "one goes, one comes": (
        '{\n  "m": [\n    { "id": "a" }, // one\n    { "id": "x" } // two\n  ]\n}',
        [NO_X, Y],
        '{\n  "m": [\n    { "id": "a" }, // one\n    // two\n    { "id": "y" }\n  ]\n}',
    ),
    "all go, one comes, looking like them": (
        '{\n  "m": [\n      { "id": "x" }\n    , { "id": "a" }\n  ]\n}',
        [NO_X, Remove(("m", "a")), Y],
        '{\n  "m": [\n    { "id": "y" }\n  ]\n}',
    ),
    "at several depths at once": (
        '{"m":[{"id":"a","n":1,"o":2},{"id":"x"},{"id":"b"}]}',
        [Remove(("m", "a", "n")), Put(("m", "a", "o"), 3), NO_X, Put(("m", "b", "n"), 4), Y, Put(("n",), 5)],
        '{"m":[{"id":"a","o":3},{"id":"b","n":4},{"id":"y"}],"n":5}',
    ),
    "one that is removed and put again keeps its place": (
        '{"m":[{"id":"x"},{"id":"a"},{"id":"x"},{"id":"b"}]}',
        [NO_X, X],
        '{"m":[{"id":"x"},{"id":"a"},{"id":"x","n":1},{"id":"b"}]}',
    ),
    "an array removed and made again": (
        '{"m": [{"id": "x"}]}',
        [Remove(("m",)), Put(("m",), []), Y],
        '{"m": [{"id": "y"}]}',
    ),
}

CHANGES = {
    f"{name}: {row}": case
    for name, table in (("insert", INSERT), ("replace", REPLACE), ("delete", DELETE), ("both", TOGETHER))
    for row, case in table.items()
}


@pytest.mark.parametrize(("text", "edits"), NO_CHANGE.values(), ids=NO_CHANGE.keys())
def test_no_change(text: str, edits: list[Edit]) -> None:
    """An edit that changes no value returns the text as it is."""
    assert revise(read(text), edits).text is text


@pytest.mark.parametrize(("before", "edits", "after"), CHANGES.values(), ids=CHANGES.keys())
def test_change(before: str, edits: list[Edit], after: str) -> None:
    """The result is this text and no other; the same edits once more change nothing; and there is a way back."""
    revision = revise(read(before), edits)
    assert revision.text == after
    assert edit(after, edits) == after
    assert revert(after, revision.back) == before


@pytest.mark.parametrize(
    ("text", "change", "line", "column", "message"),
    [
        ('{\n"m": []}', Put(("m", "x", "n"), 1), 2, 6, 'm is an array, and no item in it has the id "x"'),
        ('{"m": [{"id": 5}]}', Put(("m", "5", "n"), 1), 1, 7, 'm is an array, and no item in it has the id "5"'),
        ('{"m": ["x"]}', Put(("m", "x", "n", "o"), 1), 1, 7, 'm is an array, and no item in it has the id "x"'),
        ('{"m": [[{"id": "x"}]]}', Put(("m", "x", "n"), 1), 1, 7, 'm is an array, and no item in it has the id "x"'),
        ('{"m": []}', Put(("m", "x"), 1), 1, 7, 'm is an array, and the new value for "x" is no object with this id'),
        ('{"m": []}', Put(("m", "x"), {}), 1, 7, 'm is an array, and the new value for "x" is no object with this id'),
        ('{"m": [{"id": "x"}]}', Put(("m", "x"), {"id": "y"}), 1, 7, 'for "x" is no object with this id'),
        ('{"m": [{"id": "1"}]}', Put(("m", "1"), {"id": 1}), 1, 7, 'for "1" is no object with this id'),
        (
            '{"a b": {"m": [1]}}',
            Put(("a b", "m", "\x1b"), []),
            1,
            15,
            r'"a b".m is an array, and the new value for "\u001b"',
        ),
        ('{"m": [{"id": "x"}]}', Put(("m", "x", "id"), "y"), 1, 15, "m.x.id cannot change: the item is known by it"),
        ('{"m": [{"id": "x"}]}', Remove(("m", "x", "id")), 1, 15, "m.x.id cannot change: the item is known by it"),
        ('{"m": [{"id": "x"}]}', Put(("m", "x", "id", "n"), 1), 1, 15, "m.x.id is a string, not an object"),
        (
            '{"m": [{"id": "x"}, {"id": "x", "n": 1}]}',
            Put(("m", "x", "n", "o"), 1),
            1,
            38,
            "m.x.n is a number, not an object",
        ),
        ('{"m": [{"id": "x", "n": null}]}', Remove(("m", "x", "n", "o")), 1, 25, "m.x.n is null, not an object"),
        ('[{"id": "x"}]', Put(("x",), {"id": "x"}), 1, 1, "the root is an array, not an object"),
        ('[{"id": "x"}]', Remove(("x",)), 1, 1, "the root is an array, not an object"),
    ],
)
def test_refused(text: str, change: Edit, line: int, column: int, message: str) -> None:
    """An item is made with its id, as a whole, and keeps its id; the error says where."""
    with pytest.raises(JsoncError) as caught:
        edit(text, [change])
    assert (caught.value.line, caught.value.column) == (line, column)
    assert message in caught.value.message


def test_refused_in_a_new_array() -> None:
    """What is true of the items of the text is true of those that the edits bring."""
    with pytest.raises(JsoncError, match=r"line 1, column 1: m is an array, and no item"):
        edit("{}", [Put(("m",), [5]), Put(("m", "x", "n"), 1)])
    with pytest.raises(JsoncError, match=r"no object with this id"):
        edit("{}", [Put(("m",), []), Put(("m", "x"), {"id": "y"})])
    with pytest.raises(JsoncError, match=r"m\.x\.id cannot change"):
        edit("{}", [Put(("m",), []), X, Put(("m", "x", "id"), "y")])
    with pytest.raises(JsoncError, match=r"no item in it has the id"):
        edit('{"m": [{"id": "x"}]}', [NO_X, Put(("m", "x", "n"), 1)])


def test_values_are_not_taken_over() -> None:
    """The caller's array and items are not changed by later edits inside them."""
    item: dict[str, JsonValue] = {"id": "x"}
    items: list[JsonValue] = [item, item]
    edits = [Put(("m",), items), Y, Put(("m", "x", "n"), 1)]
    assert parse(edit("{}", edits)) == {"m": [{"id": "x"}, {"id": "x", "n": 1}, {"id": "y"}]}
    assert items == [{"id": "x"}, {"id": "x"}]


def test_a_long_item_is_broken() -> None:
    """An item on one line does not put one with very long values on one line."""
    result = edit('{\n  "m": [\n    { "id": "a" }\n  ]\n}', [Put(("m", "x"), {"id": "x", "n": ["y" * 90] * 3})])
    assert max(map(len, result.splitlines())) < 110
    assert '\n    { "id": "a" },\n    {\n      "id": "x",\n' in result


def test_a_result_with_its_items_in_another_order_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is verified in the end is the order and number of items, too."""
    text = '{"m":[{"id":"a"},{"id":"b"}]}'
    for wrong in ('{"m":[{"id":"y"},{"id":"a"},{"id":"b"}]}', '{"m":[{"id":"a"},{"id":"b"},{"id":"y"},{"id":"y"}]}'):
        with monkeypatch.context() as patched:
            patched.setattr(editor, "apply", lambda *_, wrong=wrong: wrong)
            with pytest.raises(JsoncError, match="could not be verified; the file is left alone"):
                edit(text, [Y])
    assert edit(text, [Y]) == '{"m":[{"id":"a"},{"id":"b"},{"id":"y"}]}'


def test_a_deep_edit() -> None:
    """An item 500 levels deep is edited like any other."""
    text = '{"m":[{"id":"x","o":' * 166 + '{"m":[]}' + "}]}" * 166
    path = ("m", "x", "o") * 166
    assert edit(text, [Put((*path, "m", "y"), {"id": "y"})]) == text.replace("[]", '[{"id":"y"}]')


def test_a_number_with_many_digits_in_an_item() -> None:
    """It is no obstacle in an item that stays, though Python does not make an integer of it."""
    number = "1" + "0" * 5000
    text = f'{{"m":[{{"n":{number},"id":"x"}},{number}]}}'
    assert edit(text, [Y]) == f'{text[:-2]},{{"id":"y"}}]}}'
    assert edit(text, [NO_X]) == f'{{"m":[{number}]}}'


def test_calls_grow_with_the_number_of_edits() -> None:
    """Twice the items and twice the edits are twice the work: nothing is looked up from the start for each edit."""

    def calls(number: int) -> int:
        text = json.dumps({"m": [{"id": str(n), "n": 1} for n in range(number)]})
        half = number // 2
        edits = [Put(("m", str(n)), {"id": str(n)}) for n in range(half, number + half)]
        edits += [Put(("m", str(n), "n"), 2) for n in range(half // 2)]
        removals = [Remove(("m", str(n))) for n in range(half // 2, half)]
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        before = sys.getprofile()
        sys.setprofile(counted)
        try:
            edit(text, [*edits, *removals])
        finally:
            sys.setprofile(before)
        return count

    assert calls(400) < 2.2 * calls(200)


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ('{"m": [{"id": "x" /* 1 */}]}', True),
        ('{"m": [{"id": "x", "n": [1 // 1\n]}]}', True),
        ('{"m": [{/* 1 */ "id": "y", "id": "x"}]}', True),
        ('{"m": [/* 1 */ {"id": "x"} /* 2 */, /* 3 */ {"id": "y" /* 4 */} /* 5 */] /* 6 */}', False),
        ('{"m": [{"id": "x", "n": "// none /* here */"}]}', False),
        ('{"m": [{"id": "x" /* 1 */}, {"id": "x"}]}', False),
        ('{"m": [{"id": "x"}, {"id": "x" /* 1 */}]}', True),
        ('{"m": [[{"id": "x" /* 1 */}], {"n": {"id": "x" /* 2 */}}, {"id": "x", "id": 5 /* 3 */}]}', False),
        ('{"m": {"x": [/* 1 */]}}', True),
        ('{"m": "x" /* 1 */, "x": [/* 2 */]}', False),
    ],
)
def test_commented(text: str, *, held: bool) -> None:
    """A comment inside an item counts, of several with the same id inside the last one; one beside it does not."""
    path = ("m", "x")
    assert commented(read(text), {path, ("x", "x"), ("m", "y", "n"), ("m", "gone"), ("gone", "m", "x")}) == (
        {path} if held else set()
    )


def test_commented_inside_items() -> None:
    """Paths of several lengths, one through another, each on its own."""
    text = '{"m": [{"id": "x", "n": {"o": 1 /* 1 */, "p": [/* 2 */]}, "q": 1}, {"id": "y", "n": 1}]}'
    paths = [
        ("m",),
        ("m", "x"),
        ("m", "x", "n"),
        ("m", "x", "n", "o"),
        ("m", "x", "n", "p"),
        ("m", "x", "q"),
        ("m", "y"),
    ]
    assert commented(read(text), paths) == {("m",), ("m", "x"), ("m", "x", "n"), ("m", "x", "n", "p")}
    assert commented(read(text), []) == set()


def test_keyed() -> None:
    """The items with a string for an id, by it, of several the last; what has none is not among them."""
    last: JsonValue = {"id": "x", "n": 1}
    items: list[JsonValue] = [{"id": "x"}, "x", {"id": 5}, {"id": ""}, last, None, ["id"], {"n": {"id": "y"}}]
    assert keyed(items) == {"x": last, "": {"id": ""}}
    assert keyed([]) == {}
