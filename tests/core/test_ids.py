from __future__ import annotations

import sys
import unicodedata

import pytest

from litellm_discover.core.ids import PROTOTYPE_NAMES, folded, last_segment, printable, unoffered_reason

_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    "model_id",
    ["gpt-5.5", "openrouter/anthropic/claude-sonnet-4.6", "My Company Model", "模型-中文-7b", "a:b@c", "m{x}", "ENV"],
)
def test_ordinary_ids_are_offered(model_id: str) -> None:
    """Spaces, slashes, colons, braces and every script are fine in an id."""
    assert unoffered_reason(model_id) is None


@pytest.mark.parametrize(
    ("model_id", "reason"),
    [
        ("*", "sentinel:wildcard"),
        ("openai/*", "sentinel:wildcard"),
        ("claude-sonnet-4-6*", "sentinel:wildcard"),
        ("all-team-models", "sentinel:group-of-models"),
        ("all-proxy-models", "sentinel:group-of-models"),
        ("no-default-models", "sentinel:group-of-models"),
        ("   ", "unsafe:empty"),
        ("x" * 257, "unsafe:too-long"),
        ("a\x1b[31m", "unsafe:control-characters"),
        ("a\nb", "unsafe:control-characters"),
        ("a\u202eb", "unsafe:control-characters"),
        ("a\u200bb", "unsafe:control-characters"),
        ("a\ud800", "unsafe:control-characters"),
        ("a\u061cb", "unsafe:control-characters"),
        ("a\xadb", "unsafe:control-characters"),
        ("a\ufe0f", "unsafe:control-characters"),
        ("a\u3164b", "unsafe:control-characters"),
        ("a\U000e0041", "unsafe:control-characters"),
        ("{file:~/.ssh/id_rsa}", "unsafe:substitution"),
        ("x{env:HOME", "unsafe:substitution"),
        *((name, "unsafe:prototype-name") for name in sorted(PROTOTYPE_NAMES)),
    ],
)
def test_ids_that_no_agent_may_get(model_id: str, reason: str) -> None:
    """Groups, wildcards and everything that could act on a terminal or a configuration is held back."""
    assert unoffered_reason(model_id) == reason


def test_printable_spells_out_what_could_act() -> None:
    """What is shown of an unsafe id cannot move a cursor or turn text around, and stays short."""
    assert printable("a\x1b[2J\u202eb") == "a\\u001b[2J\\u202eb"
    assert len(printable("x" * 1000)) == 80
    assert printable("plain") == "plain"
    assert printable("{env:HOME} {file:x}{") == "\\u007benv:HOME} \\u007bfile:x}{"
    assert printable("\U000e0041") == "\\U000e0041"


def test_nothing_that_acts_is_offered() -> None:
    """Every control, format and line-breaking character of Unicode is held back, and every lone surrogate."""
    everything = map(chr, range(sys.maxunicode + 1))
    acting = {character for character in everything if unicodedata.category(character) in _ACTING}
    assert len(acting) > 2000
    assert {character for character in acting if not unoffered_reason(f"a{character}b")} == set()


@pytest.mark.parametrize(
    ("one", "other"),
    [("GPT-4", "gpt-4"), ("caf\u00e9", "CAFE\u0301"), ("stra\u00dfe", "STRASSE"), ("\u1e9e", "ss"), ("\u212a", "k")],
)
def test_ids_that_look_alike_are_folded_to_the_same(one: str, other: str) -> None:
    """Case and the way a character is composed make no difference."""
    assert folded(one) == folded(other)
    assert folded(one) == folded(folded(one))


@pytest.mark.parametrize(("model_id", "segment"), [("a/b/c", "c"), ("c", "c"), ("a/b/", "b"), ("", "")])
def test_the_last_segment_names_the_model(model_id: str, segment: str) -> None:
    """Routes before the last slash do not name the model."""
    assert last_segment(model_id) == segment
