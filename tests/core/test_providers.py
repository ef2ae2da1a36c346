"""The one rule for providers, on both shapes of a configuration: models in an object, and models in a list."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import BASE_URL, catalog, model

from litellm_discover.core import jsonc
from litellm_discover.core.jsonc import Put
from litellm_discover.core.ownership import Present, members_at, still_ours
from litellm_discover.core.providers import CHAT, MODELS, RESPONSES, Shape, merge_providers, refuse_other_proxy
from litellm_discover.errors import ConfigError

if TYPE_CHECKING:
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.ownership import Path
    from litellm_discover.core.providers import Providers

OBJECT = Shape(root="provider", address=("options", "url"), parts=frozenset({"options", MODELS}))
LIST = Shape(root="providers", address=("url",), parts=frozenset({MODELS}), listed=True)
SHAPES = pytest.mark.parametrize("shape", [OBJECT, LIST], ids=["object", "list"])

COMPLETE = catalog(model("a"), model("b"), model("c"))
WEAK = replace(COMPLETE, complete=False)


def wanted(shape: Shape, chat: str = "", responses: str = "") -> Providers:
    """Providers with these models: a letter is an id, and its entry has the number behind it."""
    providers: Providers = {}
    for name, ids in ((CHAT, chat), (RESPONSES, responses)):
        entries: Any = {each[0]: {"id": each[0], "n": each[1:]} for each in ids.split()}
        address: Any = {"url": BASE_URL}
        if entries or name == CHAT:
            providers[name] = {"key": "K", **(address if shape.listed else {"options": address}), MODELS: entries}
    return providers


def written(shape: Shape, text: str, record: dict[Path, list[str]], providers: Providers, **how: Any) -> Result:
    """One run over a file, with the words of ``how``: the catalog and whether to prune."""
    present = Present(jsonc.parse(text), still_ours(jsonc.read(text), record))
    found: Catalog = how.get("found", COMPLETE)
    merge = merge_providers(shape, present, providers, found, prune=how.get("prune", True))
    return Result(shape, merge, jsonc.edit(text, merge.edits))


class Result:
    """A file after a run, and the record of what is ours in it."""

    def __init__(self, shape: Shape, merge: Merge, text: str) -> None:
        self.merge, self.text = merge, text
        self.record = {path: [digest] for path, digest in merge.record.items()}
        self.providers: Any = members_at(jsonc.parse(text), shape.root)

    def ids(self, provider: str) -> list[str]:
        """The models of a provider, in their order."""
        return list(members_at(self.providers, provider, MODELS))


@SHAPES
@pytest.mark.parametrize("prune", [True, False], ids=["prune", "no prune"])
@pytest.mark.parametrize("found", [COMPLETE, WEAK], ids=["complete", "weak"])
def test_a_model_has_one_place_whatever_is_known_this_time(shape: Shape, found: Catalog, *, prune: bool) -> None:
    """A weak word, or one against pruning, neither takes a model out nor puts it under a second provider."""
    first = written(shape, "{}", {}, wanted(shape, "a1", "b1"))
    moved = written(shape, first.text, first.record, wanted(shape, "a1 b1"), found=found, prune=prune)
    assert sorted(moved.ids(CHAT) + moved.ids(RESPONSES)) == ["a", "b"]


@SHAPES
def test_a_model_that_moves_takes_its_provider_along(shape: Shape) -> None:
    """The last one leaves nothing behind."""
    first = written(shape, "{}", {}, wanted(shape, "a1", "b1"))
    moved = written(shape, first.text, first.record, wanted(shape, "a1 b1"))
    assert moved.ids(CHAT) == ["a", "b"]
    assert RESPONSES not in moved.providers


@SHAPES
def test_an_entry_moves_back_and_forth(shape: Shape) -> None:
    """Nothing is left over of a route, and what is ours stays ours."""
    first = written(shape, "{}", {}, wanted(shape, "a1 b1"))
    second = written(shape, first.text, first.record, wanted(shape, "a1", "b2"))
    assert (second.ids(CHAT), second.ids(RESPONSES)) == (["a"], ["b"])
    third = written(shape, second.text, second.record, wanted(shape, "a1 b1"))
    assert third.providers == first.providers
    assert third.record == first.record


@SHAPES
def test_an_id_of_the_person_is_added_to_neither_provider(shape: Shape) -> None:
    """Wherever they have it, and in whatever form."""
    entry: Any = {"id": "a", "mine": True}
    models: Any = [entry] if shape.listed else {"a": entry}
    for name in (CHAT, RESPONSES):
        result = written(shape, json.dumps({shape.root: {name: {MODELS: models}}}), {}, wanted(shape, "a1", "b1"))
        assert result.merge.kept == ("a",)
        assert sorted(result.ids(CHAT) + result.ids(RESPONSES)) == ["a", "b"]
        assert members_at(result.providers, name, MODELS)["a"] == entry


@SHAPES
def test_a_field_of_the_person_is_kept_and_the_rest_added(shape: Shape) -> None:
    """A provider may be theirs in part; null is a value of theirs."""
    text = json.dumps({shape.root: {CHAT: {"key": None, "own": [1]}}})
    result = written(shape, text, {}, wanted(shape, "a1"))
    provider = result.providers[CHAT]
    assert (provider["key"], provider["own"]) == (None, [1])
    assert members_at(provider, *shape.address) is not None
    assert result.ids(CHAT) == ["a"]
    assert (shape.root, CHAT, "key") not in result.record


@SHAPES
def test_nothing_is_written_for_a_provider_without_a_new_model(shape: Shape) -> None:
    """No address and no key for nothing, and ``finish`` is not asked about it."""
    asked: list[str] = []

    def finish(name: str, provider: dict[str, Any]) -> dict[str, Any]:
        asked.append(name)
        return {**provider, "key": f"of {name}"}

    merge = merge_providers(shape, Present({}), wanted(shape, "", "b1"), COMPLETE, finish=finish, prune=True)
    result = Result(shape, merge, jsonc.edit("{}", merge.edits))
    assert asked == [RESPONSES]
    assert list(result.providers) == [RESPONSES]
    assert result.providers[RESPONSES]["key"] == "of litellm-responses"


def test_a_list_is_made_before_its_first_item() -> None:
    """Once for each provider without one, and never over one that is there; nor where the models are an object."""
    config: Any = {"providers": {RESPONSES: {MODELS: []}}}
    merge = merge_providers(LIST, Present(config), wanted(LIST, "a1 c1", "b1"), COMPLETE, prune=True)
    lists = [edit.path for edit in merge.edits if isinstance(edit, Put) and edit.value == []]
    assert lists == [("providers", CHAT, MODELS)]
    merge = merge_providers(OBJECT, Present({}), wanted(OBJECT, "a1", "b1"), COMPLETE, prune=True)
    assert all(isinstance(edit, Put) and edit.value != [] for edit in merge.edits)


@pytest.mark.parametrize("own", ['{ "n": "no id" }', '"a text"', "null", '{ "id": 5 }', '{ "id": "a", "n": "twice" }'])
def test_a_list_with_something_of_the_person_s_stays(own: str) -> None:
    """Also what has no id of its own: the provider does not go with our last model, and our models do."""
    first = written(LIST, "{}", {}, wanted(LIST, "c1", "a1 b1"))
    head, tail = first.text.rsplit("[", 1)
    edited = f"{head}[\n{own},{tail}"
    assert written(LIST, first.text, first.record, wanted(LIST, "c1")).ids(RESPONSES) == []
    result = written(LIST, edited, first.record, wanted(LIST, "c1"))
    left: Any = result.providers[RESPONSES][MODELS]
    assert json.loads(own) in left
    assert {"id": "b", "n": "1"} not in left
    assert result.providers[RESPONSES]["key"] == "K"


@SHAPES
@pytest.mark.parametrize(
    ("url", "refused"),
    [
        (BASE_URL, False),
        ("http://localhost:4000", False),
        ("", False),
        (None, False),
        (4000, False),
        ("http://127.0.0.1:4001/v1", True),
        ("https://llm.example.com/v1", True),
        ("nonsense", True),
    ],
)
def test_an_address_of_another_proxy_is_refused(shape: Shape, url: Any, *, refused: bool) -> None:
    """The place is named; one of ours is renewed instead; what is no text is for the schema to refuse."""
    owned = Present({}, {shape.address_of(RESPONSES): "digest"})
    refuse_other_proxy(shape, owned, {RESPONSES: url}, COMPLETE)
    if not refused:
        refuse_other_proxy(shape, owned, {CHAT: url}, COMPLETE)
        return
    with pytest.raises(ConfigError) as error:
        refuse_other_proxy(shape, owned, {CHAT: url}, COMPLETE)
    assert error.value.code == "other_proxy"
    assert ".".join(shape.address_of(CHAT)) in error.value.message
