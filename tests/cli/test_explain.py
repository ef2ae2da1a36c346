"""``explain``: every field with its source, what each source says, and what each agent gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from servers import described, proxy
from tool import discover

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "envelope.schema.json").read_text("utf-8"))
)

MODELS = [{"id": "claude-opus-4-8", "max_input_tokens": 200_000}, "text-embedding-3-small", "mine"]
INFO = [
    described("claude-opus-4-8", litellm_provider="anthropic", supports_vision=True, input_cost_per_token=5e-06),
    described("claude-opus-4-8", litellm_provider="anthropic", supports_vision=True, input_cost_per_token=7e-06),
]


def test_every_field_has_its_source_and_every_source_its_words(tmp_path: Path) -> None:
    """One document, of the shape of a discovery, for one model alone."""
    with proxy(MODELS, INFO) as (port, _):
        run = discover("explain", "claude-opus-4-8", "--url", f"http://127.0.0.1:{port}", "--json", root=tmp_path)
    assert run.returncode == 0, run.stderr
    document = json.loads(run.stdout)
    SCHEMA.validate(document)
    (model,) = document["models"]
    assert model["sources"].keys() == model.keys() - {"id", "proxy", "sources"}
    assert model["limit"] == {"context": 200_000, "output": 128_000}
    assert model["sources"]["limit"] == "proxy:/v1/models, catalog:anthropic"
    said = document["explanation"]["statements"]
    assert [each["source"] for each in said] == [
        "proxy:/v1/models",
        "proxy:/v1/model/info",
        "proxy:/v1/model/info",
        "catalog:anthropic",
    ]
    assert [each["fields"].get("input_price") for each in said[1:3]] == [5e-06, 7e-06]
    assert "rule:chat-unless-stated" in document["explanation"]["rules"]
    for target, root in (("opencode", "provider"), ("pi", "providers")):
        text = json.dumps(document["targets"][target][root])
        assert "claude-opus-4-8" in text
        assert "mine" not in text


def test_a_person_reads_the_same(tmp_path: Path) -> None:
    """Unknown is said to be unknown, and a rule says what it is."""
    with proxy(MODELS, INFO) as (port, _):
        run = discover("explain", "mine", "--url", f"http://127.0.0.1:{port}", root=tmp_path)
    assert run.returncode == 0, run.stderr
    rows = {line.split()[0]: line.split() for line in run.stdout.splitlines() if line[:1].isalpha()}
    assert rows["cost"][1] == "unknown"
    assert rows["name"][:3] == ["name", "Mine", "rule:formatter"]
    assert "what pi gets" in run.stdout


def test_what_is_remembered_is_explained_as_far_as_it_goes(tmp_path: Path) -> None:
    """Values and sources are kept, the words of each source are not."""
    with proxy(MODELS, INFO) as (port, _):
        url = f"http://127.0.0.1:{port}"
        discover("--url", url, "--json", root=tmp_path)
    run = discover("explain", "claude-opus-4-8", "--url", url, "--offline", root=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "catalog:anthropic" in run.stdout
    assert "remembered only" in run.stdout


@pytest.mark.parametrize(
    ("model", "code", "hint"),
    [
        ("text-embedding-3-small", "model_hidden", "--verbose"),
        ("claude-opus-4-9", "model_unknown", "Did you mean claude-opus-4-8?"),
        ("\x1b[31mnothing", "model_unknown", "lists those"),
    ],
)
def test_a_model_that_is_not_offered_is_told_with_what_to_do(tmp_path: Path, model: str, code: str, hint: str) -> None:
    """Left out is another thing than not there."""
    with proxy(MODELS, INFO) as (port, _):
        run = discover("explain", model, "--url", f"http://127.0.0.1:{port}", "--json", root=tmp_path)
    document = json.loads(run.stdout)
    SCHEMA.validate(document)
    (error,) = document["errors"]
    assert (run.returncode, error["code"]) == (2, code)
    assert hint in error["hint"]
    assert "\x1b" not in run.stdout
