"""Our reading of a schema is held against the one of the jsonschema package, which stands for Pi's own."""

from __future__ import annotations

import copy
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from litellm_discover.core.json_schema import ANNOTATIONS, KEYWORDS, first_offence
from litellm_discover.io.schema import violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litellm_discover.core.jsonc import JsonValue

PI = "pi-models.schema.json"
SCHEMA: dict[str, Any] = json.loads((files("litellm_discover") / "data" / PI).read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

CANARY = "sk-canary-0123456789"


def provider(**fields: Any) -> JsonValue:
    """A file with one provider of the person."""
    return {"providers": {"mine": fields}}


def with_model(**fields: Any) -> JsonValue:
    """A file with one model."""
    return provider(baseUrl="http://x/v1", apiKey="k", api="openai-completions", models=[{"id": "m", **fields}])


COST = {"input": 1, "output": 2.5, "cacheRead": 0, "cacheWrite": -1}

VALID: dict[str, JsonValue] = {
    "no provider": {"providers": {}},
    "empty provider": provider(),
    "empty list": provider(models=[]),
    "unknown fields everywhere": {"x": 1, "providers": {"a": {"x": [], "models": [{"id": "m", "x": None}]}}},
    "schema": {"$schema": "https://pi.dev/schemas/models.schema.json", "providers": {}},
    "one id twice": provider(models=[{"id": "m"}, {"id": "m"}]),
    "whole": with_model(
        name="M",
        api="openai-responses",
        reasoning=True,
        thinkingLevelMap={"off": None, "low": "low", "unknown": "x"},
        input=["text", "image"],
        cost={**COST, "tiers": [{"inputTokensAbove": 1, **COST}]},
        contextWindow=0.5,
        maxTokens=1e8,
        samplingParams={"store": None, "deep": [{"x": 1}]},
        headers={"A": ""},
        compat={"supportsStore": False, "promptCacheKeyMode": "disabled", "maxTokensField": "max_tokens"},
    ),
    "no kind of input": with_model(input=[]),
    "overrides": provider(modelOverrides={"a/b": {"cost": {"input": 1}, "input": ["text"]}}),
    "odd names": {"providers": {"": {}, "a.b": {}, "{x}": {}, "%s": {}, "𝄞": {}}},
    "integral float": with_model(inputLimits={"maxRequestBytes": 5.0}),
    "radius": provider(oauth="radius", baseUrl="http://x"),
}

INVALID: dict[str, JsonValue] = {
    "one of several without an id": provider(models=[{"id": "a"}, {"id": "b"}, {"id": ""}, {"id": "c"}]),
    "one of several without a name": provider(models=[{"id": "a", "name": "A"}, {"id": "b", "name": ""}]),
    "one of several with another type": provider(models=[{"id": n, "reasoning": n < "c" or 1} for n in "abc"]),
    "one of several that is none": provider(models=[{"id": "a"}, {"id": "b"}, "c"]),
    "nothing": {},
    "a list": [],
    "null": None,
    "a text": "providers",
    "providers is a list": {"providers": []},
    "providers is null": {"providers": None},
    "provider is null": {"providers": {"mine": None}},
    "empty key": provider(apiKey=""),
    "empty name": provider(name=""),
    "empty address": provider(baseUrl=""),
    "key is a number": provider(apiKey=5),
    "another login": provider(oauth="else"),
    "header is a number": provider(headers={"A": 5}),
    "headers are a list": provider(headers=["A"]),
    "authHeader is a text": provider(authHeader="yes"),
    "models is an object": provider(models={"m": {"id": "m"}}),
    "model is a text": provider(models=["m"]),
    "model without id": provider(models=[{"name": "m"}]),
    "empty id": provider(models=[{"id": ""}]),
    "id is a number": provider(models=[{"id": 4}]),
    "second model": provider(models=[{"id": "a"}, {"id": "b", "contextWindow": 0}]),
    "window is a text": with_model(contextWindow="big"),
    "window is 0": with_model(contextWindow=0),
    "window is null": with_model(contextWindow=None),
    "window is true": with_model(contextWindow=True),
    "maxTokens is negative": with_model(maxTokens=-1),
    "audio": with_model(input=["text", "audio"]),
    "two prices of four": with_model(cost={"input": 1, "output": 2}),
    "price is a text": with_model(cost={**COST, "input": "1"}),
    "price is null": with_model(cost={**COST, "cacheRead": None}),
    "tier without its border": with_model(cost={**COST, "tiers": [COST]}),
    "reasoning is 1": with_model(reasoning=1),
    "level is a number": with_model(thinkingLevelMap={"low": 1}),
    "level map is a list": with_model(thinkingLevelMap=[]),
    "store is a text": with_model(compat={"supportsStore": "no"}),
    "another field for the tokens": with_model(compat={"maxTokensField": "tokens"}),
    "another mode of the key": with_model(compat={"promptCacheKeyMode": "off"}),
    "format of the marks": with_model(compat={"cacheControlFormat": "openai"}),
    "sampling is a list": with_model(samplingParams=[]),
    "fraction of a byte": with_model(inputLimits={"maxRequestBytes": 5.5}),
    "override with pdf": provider(modelOverrides={"m": {"input": ["pdf"]}}),
    "override is null": provider(modelOverrides={"m": None}),
}


def uses(rules: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every keyword of a schema, with its value."""
    for keyword, value in rules.items():
        yield keyword, value
        inner = {
            "$defs": dict.values,
            "properties": dict.values,
            "patternProperties": dict.values,
            "anyOf": iter,
            "items": lambda value: [value],
        }
        for each in inner.get(keyword, lambda _: ())(value):  # type: ignore[operator]
            yield from uses(each)


def test_every_keyword_of_the_schema_is_read_as_it_is_meant() -> None:
    """What our reading takes for granted: a new schema of Pi that says more has to be seen here."""
    found = list(uses(SCHEMA))
    assert {keyword for keyword, _ in found} <= ANNOTATIONS | KEYWORDS
    assert all(value is True for keyword, value in found if keyword == "additionalProperties")
    assert all(isinstance(value, str) for keyword, value in found if keyword in {"type", "const"})
    assert all(isinstance(each, str) for keyword, value in found if keyword == "enum" for each in value)
    assert all(value.startswith("#/$defs/") for keyword, value in found if keyword == "$ref")
    with pytest.raises(KeyError):
        first_offence({}, {"unevaluatedProperties": False})


@pytest.mark.parametrize("name", VALID)
def test_a_valid_file_has_no_offence(name: str) -> None:
    """Whatever is unknown is allowed."""
    assert VALIDATOR.is_valid(VALID[name])
    assert violation(PI, VALID[name]) is None


@pytest.mark.parametrize("name", INVALID)
def test_an_invalid_file_has_one(name: str) -> None:
    """Each of these hides every provider of the file."""
    assert not VALIDATOR.is_valid(INVALID[name])
    assert violation(PI, INVALID[name])


# Neither reader of the schema takes a line end in a name as JavaScript does; nobody has one there.
NAMES = st.text(st.characters(exclude_characters="\r\n"), max_size=5)

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-5, 5)
    | st.sampled_from(["", "text", "off", "disabled"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to all values in a document."""
    yield path
    if isinstance(value, (dict, list)):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*path, key))


LOST = object()


def changed(document: Any, path: tuple[Any, ...], value: object) -> Any:
    """A copy with another value at the path, or without any."""
    result = [copy.deepcopy(document)]
    holder: Any = result
    *parents, last = (0, *path)
    for key in parents:
        holder = holder[key]
    if value is LOST:
        del holder[last]
    else:
        holder[last] = value
    return result[0] if result else {}


@settings(deadline=None)
@given(st.data())
def test_both_readings_agree_on_whatever_becomes_of_a_valid_file(data: st.DataObject) -> None:
    """A value that is replaced, lost or put somewhere else is the same offence for both, or none."""
    document: Any = data.draw(st.sampled_from([*VALID.values(), *INVALID.values()]))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(places(document))))
        document = changed(document, path, data.draw(st.just(LOST) | JSON))
    ours, theirs = first_offence(document, SCHEMA), next(VALIDATOR.iter_errors(document), None)
    assert (ours and (ours.path, ours.rule, ours.wanted)) == (
        theirs and (tuple(theirs.absolute_path), theirs.validator, theirs.validator_value)
    )


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "providers"),
        (provider(apiKey=5), "providers.mine.apiKey"),
        (provider(apiKey=[CANARY]), "providers.mine.apiKey"),
        (provider(apiKey={"key": CANARY}), "providers.mine.apiKey"),
        (provider(apiKey="", headers={"Authorization": f"Bearer {CANARY}"}), "providers.mine.apiKey"),
        (provider(apiKey=CANARY, headers=[CANARY]), "providers.mine.headers"),
        (provider(apiKey=CANARY, headers={"X-Key": [CANARY]}), "providers.mine.headers"),
        (provider(apiKey=CANARY, headers=CANARY), "providers.mine.headers"),
        (provider(apiKey=CANARY, oauth=CANARY), "providers.mine.oauth"),
        (provider(apiKey=CANARY, models=CANARY), "providers.mine.models"),
        (provider(apiKey=CANARY, models=[CANARY]), "providers.mine.models.0"),
        (
            provider(apiKey=CANARY, models=[{"id": "a"}, {"id": "b", "input": [CANARY]}]),
            "providers.mine.models.1.input",
        ),
        (provider(models=[{"id": "a", "headers": {"K": CANARY}, "name": ""}]), "providers.mine.models.0.name"),
        (provider(models=[{"name": CANARY}]), "providers.mine.models.0"),
        (with_model(compat={"maxTokensField": CANARY}), "providers.mine.models.0.compat.maxTokensField"),
        (with_model(compat={"promptCacheKeyMode": CANARY}), "providers.mine.models.0.compat.promptCacheKeyMode"),
        (with_model(compat={"chatTemplateKwargs": {"k": [CANARY]}}), "providers.mine.models.0.compat"),
        (with_model(cost={"input": CANARY}), "providers.mine.models.0.cost"),
        (with_model(thinkingLevelMap={"low": {"k": CANARY}}), "providers.mine.models.0.thinkingLevelMap.low"),
        ({"providers": {"mine": CANARY}}, "providers.mine"),
        ({"providers": CANARY}, "providers"),
        (CANARY, ""),
    ],
)
def test_the_message_names_the_place_and_no_value(document: JsonValue, place: str) -> None:
    """It is shown to the person, and ends up in logs."""
    message = violation(PI, document)
    assert message
    assert place in message
    assert CANARY not in message
    assert "canary" not in message


@pytest.mark.parametrize("name", ["{mine}", "{0}", "%s", "{data__providers}", "a.b", "it's", "ö"])
def test_a_name_in_the_message_is_as_it_is(name: str) -> None:
    """What looks like a place to fill in is a name, and nothing is filled in."""
    message = violation(PI, {"providers": {name: {"apiKey": 5}, "other": {"apiKey": CANARY}}})
    assert message
    assert message.startswith(f"providers.{name}.apiKey")
    assert CANARY not in message
