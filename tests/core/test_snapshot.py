from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import catalog, model
from hypothesis import given
from hypothesis import strategies as st

from litellm_discover.core.model import Hidden, KeyReference
from litellm_discover.core.options import CatalogOptions, TransportOptions
from litellm_discover.core.snapshot import SCHEMA_VERSION, Snapshot, from_document, to_document
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from litellm_discover.core.model import Catalog, Model

OPTIONS = CatalogOptions(TransportOptions("chat", frozenset({"b", "a"}), frozenset({"c"})), ("x*",), ("y",))
KEY = KeyReference("LITELLM_API_KEY")

PRICES = st.decimals(min_value="0.000001", max_value=1000, places=6).map(float)
COSTS = st.fixed_dictionaries(
    {"input": PRICES, "output": PRICES}, optional={"cache_read": PRICES, "cache_write": PRICES}
)


@st.composite
def models(draw: st.DrawFn) -> Model:
    """A model of which any part may be unknown."""
    return model(
        draw(st.text(min_size=1, max_size=8)),
        owner=draw(st.none() | st.just("openai")),
        mode=draw(st.sampled_from([None, "chat", "responses"])),
        transport=draw(st.sampled_from(["chat", "responses"])),
        reasoning=draw(st.sampled_from([None, True, False])),
        efforts=draw(st.none() | st.just(()) | st.just(("none", "low"))),
        tool_call=draw(st.sampled_from([None, True, False])),
        limit=draw(st.fixed_dictionaries({}, optional={"context": st.integers(1, 10**8), "output": st.just(5)})),
        cost=draw(st.none() | COSTS),
        parameters=draw(st.dictionaries(st.sampled_from(["store", "developer"]), st.booleans())),
        sources={"name": "rule:formatter"},
    )


def there_and_back(found: Catalog) -> Catalog:
    """What is left of a catalog that was written down and read again."""
    document = json.loads(json.dumps(to_document(Snapshot(12.5, OPTIONS, found))))
    snapshot = from_document(document, OPTIONS)
    assert snapshot
    assert snapshot.taken_at == 12.5
    return snapshot.catalog


@given(st.lists(models(), max_size=4), st.sampled_from([None, KEY, KeyReference("K", "pi")]), st.booleans())
def test_nothing_is_lost(found: list[Model], key: KeyReference | None, complete: bool) -> None:  # noqa: FBT001 - given by position
    """A remembered catalog is the one that was found, and gives every tool the same bytes."""
    whole = replace(catalog(*found, key=key), hidden=(Hidden("h", "mode:embedding"),), complete=complete)
    again = there_and_back(whole)
    assert again == whole
    for target in TARGETS.values():
        assert json.dumps(target.render(again)) == json.dumps(target.render(whole))


@pytest.mark.parametrize(
    "change",
    [
        {"schemaVersion": SCHEMA_VERSION + 1},
        {"schemaVersion": None},
        {"options": {}},
        {"proxy": None},
        {"proxy": {"id": "litellm"}},
        {"models": {}, "hidden": 5},
        {"models": [{"id": "a"}]},
        {"models": [5]},
        {"takenAt": "now"},
        {"takenAt": None},
        {"hidden": [["only one"]]},
    ],
)
def test_a_document_that_is_none_of_ours_is_no_snapshot(change: dict[str, Any]) -> None:
    """Of another version, cut short or changed by hand: it is made anew, and nothing is raised."""
    document = {**to_document(Snapshot(1.0, OPTIONS, catalog(model("a"), key=KEY))), **change}
    assert from_document(document, OPTIONS) is None


@pytest.mark.parametrize("document", [None, [], "x", 5, {}])
def test_something_else_is_no_snapshot(document: Any) -> None:
    """Whatever JSON there is."""
    assert from_document(document, OPTIONS) is None


def test_what_a_snapshot_answers_for() -> None:
    """The same address, the same place of the key and the same options; else the answer could be another one."""
    found = catalog(model("a"), key=KEY)
    snapshot = Snapshot(1.0, OPTIONS, found)
    here = {found.proxy.base_url, "http://[::1]:4000/v1"}
    assert snapshot.answers(here, KEY, OPTIONS)
    assert not snapshot.answers({"http://127.0.0.1:9/v1"}, KEY, OPTIONS)
    assert not snapshot.answers(here, None, OPTIONS)
    assert not snapshot.answers(here, KeyReference("OTHER"), OPTIONS)
    assert not snapshot.answers(here, KEY, CatalogOptions())


def test_the_age_of_a_snapshot() -> None:
    """In seconds, and never below 0: clocks are set back."""
    snapshot = Snapshot(100.0, OPTIONS, catalog())
    assert (snapshot.age(130.0), snapshot.age(50.0)) == (30.0, 0.0)
