"""Real-looking files with awkward details: read, edited, refused; and what becomes of them with a few typing errors."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import json5
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from litellm_discover.core.jsonc import JsonValue, Put, Remove, decode, edit, encode, parse, same
from litellm_discover.errors import JsoncError

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parents[1] / "corpus" / "jsonc"
MANIFEST: dict[str, dict[str, str | int]] = json.loads((CORPUS / "manifest.json").read_bytes())

MODELS = ("provider", "litellm", "models")
ARRAYS = {
    "31_pi_models.json": ("providers", "litellm", "models"),
    "33_zed_settings.jsonc": ("language_models", "openai_compatible", "litellm", "available_models"),
    "35_provider_wrong_type_array.json": ("provider",),
}
ROOT_ARRAY = "77_bad_root_array.json"
SECONDS_FOR_JSON5 = {"43_big_1000_models.json"}  # and it is plain JSON: the standard library reads it
BEYOND_JSON5 = {"87_deep_500.json"}  # it recurses too deeply; plain JSON, too


def of_class(*classes: str) -> list[str]:
    """The names of the files of some classes."""
    return [name for name, entry in MANIFEST.items() if entry["class"] in classes]


EDITABLE = [name for name in of_class("jsonc") if name not in {*ARRAYS, ROOT_ARRAY}]


def load(name: str) -> str:
    """The text of a file."""
    return decode((CORPUS / name).read_bytes())


def independently(name: str, text: str) -> JsonValue:
    """The value of a text as somebody else reads it."""
    plain = text.removeprefix("\ufeff")
    if name in SECONDS_FOR_JSON5 | BEYOND_JSON5:
        return cast("JsonValue", json.loads(plain))
    # json5 ends a line comment at U+2028 and U+2029, which neither host does, and leaves surrogate pairs apart.
    unbroken = re.sub(r"(?m)//.*$", lambda comment: re.sub("[\u2028\u2029]", " ", comment[0]), plain)
    return cast("JsonValue", json.loads(json.dumps(json5.loads(unbroken))))


def models_of(value: JsonValue) -> dict[str, JsonValue]:
    """The models of a value, missing objects made on the way."""
    for key in MODELS:
        assert isinstance(value, dict)
        value = value.setdefault(key, {})
    assert isinstance(value, dict)
    return value


def test_the_corpus_is_complete() -> None:
    """The files are there, byte for byte: nothing has converted their line ends."""
    assert {path.name for path in CORPUS.iterdir()} == {*MANIFEST, "manifest.json", "README.md"}
    assert {name: (CORPUS / name).stat().st_size for name in MANIFEST} == {
        name: entry["bytes"] for name, entry in MANIFEST.items()
    }


@pytest.mark.parametrize("name", of_class("jsonc"))
def test_reading(name: str) -> None:
    """The value is the one that an independent reader finds, and the bytes come back."""
    text = load(name)
    assert same(parse(text), independently(name, text))
    assert encode(edit(text, [])) == (CORPUS / name).read_bytes()


@pytest.mark.parametrize("name", of_class("json5", "bad"))
def test_refusing(name: str) -> None:
    """A file that is not JSONC is refused with line and column."""
    with pytest.raises(JsoncError, match=r"^line \d+, column \d+: \w") as caught:
        edit(load(name), [Put(("a",), 1)])
    assert caught.value.line <= (CORPUS / name).read_bytes().count(b"\n") + 1


@pytest.mark.parametrize("name", EDITABLE)
def test_inserting(name: str) -> None:
    """A new model is the only change: without it, its comma and its line the file is as it was."""
    text = load(name)
    added: JsonValue = {"name": "{N}"}
    result = edit(text, [Put((*MODELS, "new/model"), added)])
    expected = parse(text)
    models_of(expected)["new/model"] = added
    assert same(parse(result), expected)
    assert same(independently(name, result), expected)
    assert is_subsequence(text, result)
    assert edit(result, [Put((*MODELS, "new/model"), added)]) == result


@pytest.mark.parametrize("name", EDITABLE)
def test_replacing_and_removing(name: str) -> None:
    """Each of the first, second, middle and last model can be replaced or removed, and the others stay."""
    text = load(name)
    keys = list(models_of(parse(text)))
    for key in {keys[n] for n in (0, 1, len(keys) // 2, -1) if n < len(keys)} if keys else set():
        for change in (Put((*MODELS, key), ["new"]), Remove((*MODELS, key))):
            expected = parse(text)
            models_of(expected).pop(key)
            if isinstance(change, Put):
                models_of(expected)[key] = change.value
            result = edit(text, [change])
            assert same(parse(result), expected)
            assert edit(result, [change]) == result


def items_of(value: JsonValue, path: tuple[str, ...]) -> list[JsonValue]:
    """The array at a path."""
    for key in path:
        assert isinstance(value, dict)
        value = value[key]
    assert isinstance(value, list)
    return value


@pytest.mark.parametrize(("name", "path"), ARRAYS.items())
def test_an_array_in_the_way(name: str, path: tuple[str, ...]) -> None:
    """An array is refused where an object should be, and a member beside it can be edited."""
    text = load(name)
    readable = ".".join(path)
    with pytest.raises(
        JsoncError, match=f'{readable} is an array, and the new value for "x" is no object with this id'
    ):
        edit(text, [Put((*path, "x"), {"name": "X"})])
    with pytest.raises(JsoncError, match=f'{readable} is an array, and no item in it has the id "x"'):
        edit(text, [Put((*path, "x", "name"), "X")])
    beside = (*path[:-1], "x")
    result = edit(text, [Put(beside, 1)])
    assert is_subsequence(text, result)
    assert edit(result, [Remove(beside)]) == text


def test_an_array_as_root() -> None:
    """Nothing in it can be edited, whatever it has an id for."""
    for change in (Put(("x",), {"id": "x"}), Remove(("x",))):
        with pytest.raises(JsoncError, match="the root is an array, not an object"):
            edit(load(ROOT_ARRAY), [change])


@pytest.mark.parametrize(("name", "path"), ARRAYS.items())
def test_a_new_item(name: str, path: tuple[str, ...]) -> None:
    """It comes last and is the only change: without it, its comma and its lines the file is as it was."""
    text = load(name)
    added: JsonValue = {"id": "new/model", "name": "{N}", "input": ["text"]}
    result = edit(text, [Put((*path, "new/model"), added)])
    expected = parse(text)
    items_of(expected, path).append(added)
    assert same(parse(result), expected)
    assert same(independently(name, result), expected)
    assert is_subsequence(text, result)
    assert edit(result, [Put((*path, "new/model"), added)]) == result
    without = edit(result, [Remove((*path, "new/model"))])
    assert without == (text.replace("[]", "[\n  ]") if name.startswith("35") else text)


def test_an_item_with_an_id() -> None:
    """Pi's models: each can be replaced, edited inside and removed, and the other provider stays as it is."""
    name = "31_pi_models.json"
    text, path = load(name), ARRAYS[name]
    model = (*path, "gpt-4o")
    inside = edit(text, [Put((*model, "cost", "input"), 3), Remove((*model, "name"))])
    assert inside == text.replace('"input": 2.5', '"input": 3').replace('          "name": "GPT-4o",\n', "")
    assert json.loads(edit(text, [Put(model, {"id": "gpt-4o"})]))["providers"]["litellm"]["models"] == [
        {"id": "gpt-4o"}
    ]
    removed = edit(text, [Remove(model)])
    assert items_of(json.loads(removed), path) == []
    assert removed[removed.index('"ollama"') :] == text[text.index('"ollama"') :]
    assert removed[: removed.index('"models"')] == text[: text.index('"models"')]


def test_an_item_without_an_id() -> None:
    """Zed's models have a name instead: none of them is ever met."""
    name = "33_zed_settings.jsonc"
    text, path = load(name), ARRAYS[name]
    assert edit(text, [Remove((*path, "gpt-4o")), Remove((*path, "gpt-4o", "name"))]) == text
    result = edit(text, [Put((*path, "gpt-4o"), {"id": "gpt-4o"})])
    assert same(items_of(independently(name, result), path), [*items_of(parse(text), path), {"id": "gpt-4o"}])


def test_a_thousand_models_at_once() -> None:
    """A thousand models come and three hundred go in one edit."""
    text = load("43_big_1000_models.json")
    expected = parse(text)
    models = models_of(expected)
    gone = list(models)[::3][:300]
    for key in gone:
        del models[key]
    models |= {f"new/{n}": {"name": f"New {n}"} for n in range(1000)}
    puts = [Put((*MODELS, f"new/{n}"), {"name": f"New {n}"}) for n in range(1000)]
    result = edit(text, [*puts, *(Remove((*MODELS, key)) for key in gone)])
    assert json.dumps(parse(result)) == json.dumps(expected), "the order of the keys included"


def is_subsequence(old: str, new: str) -> bool:
    """Whether ``new`` is ``old`` with something inserted."""
    rest: Iterator[str] = iter(new)
    return all(character in rest for character in old)


SMALL = [load(name) for name in MANIFEST if MANIFEST[name]["bytes"] in range(1000) and not name.startswith("83")]
TYPED = st.sampled_from(
    ['"', "'", "{", "}", "[", "]", ",", ":", "/", "*", "//", "/*", "\\", "\n", "\r", " ", "1", "-", "e", "a"]
)


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A file with one to three characters typed, lost or replaced."""
    text = draw(st.sampled_from(SMALL))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.one_of(st.just(""), TYPED)) + text[place + draw(st.integers(0, 1)) :]
    return text


@settings(max_examples=500, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutants())
@example('{"a": 1e999}')
def test_typing_errors(text: str) -> None:
    """Any text is read or refused, nothing else; what is read, json5, which accepts more, reads alike."""
    try:
        value = parse(text)
    except JsoncError:
        return
    assert same(value, independently("", text)) or infinite(value)
    assert edit(text, []) == text


def infinite(value: JsonValue) -> bool:
    """Whether there is a number in it that is too large: readers differ about them."""
    return (
        isinstance(value, float) and math.isinf(value)
        if not isinstance(value, (dict, list))
        else any(map(infinite, value.values() if isinstance(value, dict) else value))
    )
