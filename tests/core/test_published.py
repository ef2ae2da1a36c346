"""Which word of the provider catalogs counts for what a proxy lists."""

from __future__ import annotations

import pytest

from litellm_discover.core.facts import Shelf, Shelved, read_catalog
from litellm_discover.core.model import Proxy
from litellm_discover.core.payloads import Row, Rows
from litellm_discover.core.published import providers, published, selected
from litellm_discover.core.told import Told


def shelf(**models: dict[str, object]) -> Shelf:
    """Bundled catalogs of these providers: ``openai={"gpt-5.5": {…}}``."""
    return {
        provider: (
            Shelved(
                f"catalog:{provider}",
                read_catalog({"schemaVersion": 1, "provider": provider, "models": entries}, provider),
            ),
        )
        for provider, entries in models.items()
    }


GPT = {"name": "GPT-5.5", "cost": {"input": 5, "output": 30}, "limit": {"context": 1_050_000, "output": 128_000}}
OPENAI = shelf(openai={"gpt-5.5": GPT})


@pytest.mark.parametrize(
    ("row", "name", "priced"),
    [
        (Row("gpt-5.5"), "GPT-5.5", True),
        (Row("gpt-5.5", provider="openai", backend="openai/gpt-5.5"), "GPT-5.5", True),
        (Row("gpt-5.5", provider="openai", backend="openai/gpt-5.5", foreign=True), "GPT-5.5", False),
        (Row("gpt-5.5", provider="mistral"), None, False),
        (Row("mine"), None, False),
    ],
)
def test_a_stranger_behind_the_protocol_of_openai_has_no_price_of_openai(
    row: Row,
    name: str | None,
    priced: bool,  # noqa: FBT001 - the table reads better so
) -> None:
    """What the model is, its id may say; who serves it, only the proxy."""
    found = published(row, OPENAI)
    said = [facts for _, facts in found.layers] if found else []
    assert next((facts.name for facts in said if facts.name), None) == name
    assert any(facts.cost for facts in said) is priced


@pytest.mark.parametrize(
    "row", [Row("fast", provider="openai", key="gpt-5.5"), Row("fast", provider="openai", backend="openai/gpt-5.5")]
)
def test_an_alias_has_the_facts_of_what_is_behind_it_but_not_its_name(row: Row) -> None:
    """Two aliases of one model would have one name."""
    found = published(row, OPENAI)
    assert found is not None
    assert not found.exact
    assert found.layers[0][1].limit.context == 1_050_000


def test_a_router_is_not_what_is_behind_it() -> None:
    """Its tiers are, and they are described by the proxy."""
    assert published(Row("router", backend="openai/gpt-5.5", routes=("a", "b")), OPENAI) is None


def test_what_a_team_publishes_for_an_id_comes_first() -> None:
    """In the catalog ``custom``, which no public provider has."""
    both = {**OPENAI, **shelf(custom={"gpt-5.5": {"name": "Our GPT"}})}
    found = published(Row("gpt-5.5"), both)
    assert found is not None
    assert [facts.name for _, facts in found.layers if facts.name] == ["Our GPT"]


def test_only_public_ids_are_ever_told_to_a_server() -> None:
    """An alias may be a secret, and so may be what it stands for."""
    told = Told(
        Proxy("litellm", "http://127.0.0.1:4000/v1"), Rows((Row("gpt-5.5"), Row("fast", key="gpt-5.5"))), None, ""
    )
    assert selected(told, "gpt-5.5", OPENAI) == {"openai": "gpt-5.5"}
    assert selected(told, "fast", OPENAI) == {}
    assert selected(told, "gpt-9", OPENAI) == {}
    assert selected(told, None, OPENAI) == {}


def test_the_catalogs_that_may_know_something_are_few() -> None:
    """Only of them files are read or fetched."""
    told = Told(Proxy("litellm", "http://127.0.0.1:4000/v1"), Rows((Row("claude-opus-4-8"),)), None, "")
    assert "anthropic" in providers(told)
    assert "openai" not in providers(told)
