"""The person's registry: what is understood of each field, and that an error says where it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from litellm_discover.core.facts import Facts
from litellm_discover.core.model import Cost, Limit
from litellm_discover.core.registry import Entry, Registry, understand
from litellm_discover.errors import ConfigError
from litellm_discover.io.yaml_file import MAX_BYTES, parse

PATH = Path("/config/ai_models.yaml")

SEED = """\
# the model side of everything
litellm_models:
  - id: llm-gateway/claude-opus-4-7
    name: Claude Opus 4.7
    reasoning: true
    thinkingBudgets: &budgets
      high: 16384
      minimal: 1024
      low: 2048
      xhigh: 32_768
    contextWindow: 1_000_000
    maxTokens: 64000
    cost:
      input: 5
      output: 25.0
      cacheRead: 0.5
      cacheWrite: 6.25
  - id: llm-gateway/plain
    reasoning: false
    thinkingBudgets: *budgets
    name:
  - {id: "gpt-5.5"}
azure_models:
  - id: azure/gpt-5
    thinkingBudgets: *budgets
"""


def read(text: str | bytes) -> Registry:
    """What this text says, by the real reader."""
    return understand(*parse(text.encode() if isinstance(text, str) else text, PATH, code="registry"))


def test_every_field_of_an_entry() -> None:
    """Budgets are efforts in our own order; null says nothing; a reference is the value that it names."""
    efforts = ("minimal", "low", "high", "xhigh")
    cost = Cost(Decimal(5), Decimal("25.0"), Decimal("0.5"), Decimal("6.25"))
    assert read(SEED).entries == (
        Entry(
            "llm-gateway/claude-opus-4-7",
            None,
            Facts(name="Claude Opus 4.7", reasoning=True, efforts=efforts, limit=Limit(1_000_000, 64000), cost=cost),
        ),
        Entry("llm-gateway/plain", None, Facts(reasoning=False)),
        Entry("gpt-5.5", None, Facts()),
        Entry("azure/gpt-5", "azure", Facts(reasoning=True, efforts=efforts)),
    )


@pytest.mark.parametrize("text", ["", "# nothing", "litellm_models: []", "litellm_models:", "---\n...\n"])
def test_nothing_is_no_error(text: str) -> None:
    """A file that is being begun."""
    assert read(text) == Registry(())


ENTRY = "litellm_models:\n  - id: a\n"


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("litelm_models: []", "line 1: litelm_models is no key", "Did you mean litellm_models?"),
        ("- a", "line 1 must be a table", ""),
        ("litellm_models: {}", "line 1: litellm_models must be a list", ""),
        ("litellm_models:\n- name: A", "line 2: litellm_models[0] needs the key id", ""),
        (ENTRY + "    contextwindow: 5", "line 3: litellm_models[0].contextwindow", "Did you mean contextWindow?"),
        (ENTRY + "    context_window: 5", "line 3: litellm_models[0].context_window", "Did you mean contextWindow?"),
        (ENTRY + "    contextWindow: 200k", "line 3: litellm_models[0].contextWindow must be a whole number", ""),
        (ENTRY + "    contextWindow: 0", "must be a whole number of tokens from 1", ""),
        (ENTRY + "    maxTokens: 1.5", "line 3: litellm_models[0].maxTokens must be", ""),
        (ENTRY + "    maxTokens: true", "maxTokens must be", ""),
        (ENTRY + "    name: 5", "line 3: litellm_models[0].name must be a text", "quotes"),
        (ENTRY + "    name: ''", "name is empty", ""),
        (ENTRY + "    name: " + "x" * 121, "longer than 120", ""),
        (ENTRY + '    name: "a\\e[31m"', "line 3: litellm_models[0].name", ""),
        (ENTRY + "    reasoning: high", "line 3: litellm_models[0].reasoning must be true or false", ""),
        (ENTRY + "    thinkingBudgets: [low]", "thinkingBudgets must be a table", ""),
        (ENTRY + "    thinkingBudgets:\n      low: 5\n      hihg: 6", "line 5: litellm_models[0].thinkingBudgets.hihg",
         "Did you mean high?"),
        (ENTRY + "    cost: 5", "line 3: litellm_models[0].cost must be a table", ""),
        (ENTRY + "    cost: {input: 5}", "line 3: litellm_models[0].cost needs the key output", ""),
        (ENTRY + "    cost:\n      input: 5\n      output: -1", "line 5: litellm_models[0].cost.output must be", ""),
        (ENTRY + "    cost: {input: .inf, output: 1}", "cost.input must be a price", ""),
        (ENTRY + '    cost: {input: "5", output: 1}', "cost.input must be a price", ""),
        (ENTRY + "azure_models:\n  - id: A", "line 4: azure_models[0].id is there already, in line 2", ""),
        ("litellm_models:\n- id: a/*", "line 2: litellm_models[0].id cannot be the id", ""),
        ("litellm_models:\n- id: __proto__", "cannot be the id", ""),
        ("litellm_models:\n- id: '{env:HOME}'", "line 2: litellm_models[0].id", ""),
        ("litellm_models:\n- id: 2024-01-01", "line 2: litellm_models[0].id must be a text", "quotes"),
        (ENTRY + "    id: b", "line 3: the key id is there twice", ""),
        (ENTRY + "    <<: {name: A}", "line 3: litellm_models[0].<< is no key", ""),
        (ENTRY + "    ? [a]\n    : b", "line 3: a key must be a text", ""),
        (ENTRY + "    contextWindow: " + "9" * 5000, "line 3: a value cannot be read", ""),
        (ENTRY + "    name: !!python/object/apply:os.getcwd []", "line 3: ", ""),
        (ENTRY + "    name: !mine A", "line 3: this is no YAML", ""),
        (ENTRY + "\tname: A", "line 3: this is no YAML", ""),
        ("a: [", "line 1: this is no YAML", ""),
        ("a: 1\n---\nb: 2", "line 2: this is no YAML", ""),
        ("a: &a [*a]", "line 1: a value contains itself", ""),
        ("a: " + "[" * 50 + "]" * 50, "nested too deeply", ""),
        ("[" * 20000, "nested too deeply", ""),
        (b"\xff", "is no text in UTF-8", ""),
        ("a: \x07", "no YAML", ""),
        ("#" * (MAX_BYTES + 1), f"larger than {MAX_BYTES} bytes", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_file_line_and_field(text: str | bytes, said: str, hint: str) -> None:
    """Whatever it is, and without running anything."""
    with pytest.raises(ConfigError) as refused:
        read(text)
    assert refused.value.message.startswith(f"{PATH}")
    assert said in refused.value.message
    assert hint in refused.value.hint
    assert refused.value.hint
    assert refused.value.code == "registry"


def test_references_to_references_do_not_unfold() -> None:
    """Nine levels of nine would be 387 million texts."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    with pytest.raises(ConfigError, match="a0 is no key"):
        read("\n".join(levels))
