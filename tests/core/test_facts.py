"""Modalities, limits, prices, reasoning and groups: the small rules."""

from __future__ import annotations

from decimal import Decimal

import pytest

from litellm_discover.core import groups, limits
from litellm_discover.core.modality import hidden_reason, modalities
from litellm_discover.core.model import Cost
from litellm_discover.core.payloads import FLAGS, Row
from litellm_discover.core.reasoning import efforts, reasoning


@pytest.mark.parametrize(
    ("mode", "model_id", "reason"),
    [
        ("chat", "text-embedding-3-small", None),
        ("completion", "x", None),
        ("responses", "x", None),
        (None, "gpt-4o", None),
        ("embedding", "x", "mode:embedding"),
        ("guardrail", "x", "mode:guardrail"),
        ("something-new", "x", "mode:something-new"),
        (None, "text-embedding-3-small", "rule:embedding"),
        (None, "nomic-embed-text-v1.5", "rule:embedding"),
        (None, "rerank-english-v3.0", "rule:rerank"),
        (None, "black-forest-labs/FLUX.1-dev", "rule:image_generation"),
        (None, "openai/low/1024-x-1536/gpt-image-1", "rule:image_generation"),
        (None, "whisper-1", "rule:audio_transcription"),
        (None, "gpt-4o-mini-tts", "rule:audio_speech"),
        (None, "openai/sora-2-pro", "rule:video_generation"),
        (None, "omni-moderation-latest", "rule:moderation"),
        (None, "gpt-realtime", "rule:realtime"),
        (None, "attston-7b", None),
        (None, "influx-chat", None),
        (None, "embedded-systems-helper", None),
    ],
)
def test_only_what_an_agent_can_talk_to_is_offered(mode: str | None, model_id: str, reason: str | None) -> None:
    """The mode decides; only without one the id may say that it is no chat model, in a whole word."""
    assert hidden_reason(mode, model_id) == reason


@pytest.mark.parametrize(
    ("model_id", "images"),
    [
        ("claude-3-5-sonnet", True),
        ("claude-opus-4-8", True),
        ("anthropic/claude-haiku-4-5", True),
        ("gpt-4o", True),
        ("gpt-4.1-mini", True),
        ("gpt-5.5", True),
        ("gemini-3.5-flash", True),
        ("qwen3-vl-235b-a22b-thinking", True),
        ("llama-3.2-90b-vision-instruct", True),
        ("claude-2.1", False),
        ("gpt-3.5-turbo", False),
        ("gpt-4o-audio-preview", False),
        ("gpt-oss-120b", False),
        ("o3-mini", False),
        ("frontier-router", False),
        ("deepseek-v3.2", False),
    ],
)
def test_families_that_read_images(model_id: str, *, images: bool) -> None:
    """Without flags, only the families that are known to read images are said to."""
    inputs, outputs, source = modalities(Row(model_id), model_id)
    assert (inputs, outputs) == (("text", "image") if images else ("text",), ("text",))
    assert source.startswith("rule:")


def test_flags_decide_over_the_family() -> None:
    """Once the proxy states capabilities, the id is not asked any more."""
    flags = {**dict.fromkeys(FLAGS), "supports_pdf_input": True, "supports_audio_output": True}
    assert modalities(Row("gpt-4o", flags=flags), "gpt-4o") == (("text", "pdf"), ("text", "audio"), "proxy")


@pytest.mark.parametrize(
    ("per_token", "per_million"),
    [("9e-08", "0.09"), ("1e-07", "0.1"), ("8.4e-07", "0.84"), ("5e-06", "5"), ("1.25e-06", "1.25"), ("3e-05", "30"),
     ("8.999999999999999e-08", "0.09"), ("1.0000000000000002e-06", "1"), ("0", "0"), ("0.000123456789", "123.456789")],
)  # fmt: skip
def test_prices_per_million_are_exact(per_token: str, per_million: str) -> None:
    """Nine cents stay nine cents, and the noise of binary sums goes away."""
    price = limits.per_million(Decimal(per_token))
    assert price == Decimal(per_million)
    assert float(price) == float(per_million)


def test_a_cost_needs_both_prices_and_one_that_is_not_zero() -> None:
    """Half a price and zero for both are unknown; a free input with a priced output is a price."""
    zero, one = Decimal(0), Decimal("1e-06")
    assert limits.cost(Row("x", input_price=one)) is None
    assert limits.cost(Row("x", input_price=zero, output_price=zero)) is None
    assert limits.cost(Row("x", input_price=zero, output_price=one)) == Cost(Decimal(0), Decimal(1))
    assert limits.cost(Row("x", input_price=one, output_price=one, cache_read_price=zero)) == Cost(
        Decimal(1), Decimal(1), cache_read=Decimal(0)
    )


@pytest.mark.parametrize(("price", "text"), [("3", "3"), ("0.09", "0.09"), ("30.0", "30"), ("1E+1", "10")])
def test_json_numbers_are_the_shortest(price: str, text: str) -> None:
    """Whole prices are whole numbers in JSON."""
    assert repr(limits.json_number(Decimal(price))) == text


def flags(**stated: bool) -> dict[str, bool | None]:
    """The flags of a model that the price map knows."""
    return {**dict.fromkeys(FLAGS), "supports_vision": True, **stated}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("x"), None),
        (Row("x", flags=flags(supports_reasoning=True)), True),
        (Row("x", flags=flags(supports_reasoning=False)), False),
        (Row("x", flags=flags()), False),
        (Row("gpt-5.5"), True),
        (Row("gpt-5.5", flags=flags()), True),
        (Row("gpt-5.5", flags=flags(supports_reasoning=False)), False),
        (Row("smart", key="o3"), True),
        (Row("x", flags={"supports_vision": True}), None),
    ],
)
def test_who_reasons(row: Row, *, expected: bool | None) -> None:
    """The flag decides, then OpenAI's family; a flag that this version does not have says nothing."""
    assert reasoning(row)[0] is expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("gpt-5.5"), None),
        (Row("x", flags=flags(supports_reasoning=True)), ("low", "medium", "high")),
        (
            Row(
                "x",
                flags=flags(
                    supports_reasoning=True, supports_none_reasoning_effort=True, supports_low_reasoning_effort=False
                ),
            ),
            ("none", "medium", "high"),
        ),
        (
            Row("x", flags=flags(supports_reasoning=True), effort_levels=frozenset({"max", "low", "odd"})),
            ("low", "max"),
        ),
        (Row("x", flags=flags(supports_reasoning=True), effort_levels=frozenset()), ()),
        (Row("x", flags=flags(supports_reasoning=True), parameters=frozenset({"tools"})), ()),
        (
            Row("x", flags=flags(supports_reasoning=True), parameters=frozenset({"reasoning_effort"})),
            ("low", "medium", "high"),
        ),
        (Row("x", flags=flags(supports_reasoning=False)), None),
    ],
)
def test_which_efforts(row: Row, expected: tuple[str, ...] | None) -> None:
    """An explicit list decides, then the parameters, then the sparse flags."""
    assert efforts(row) == expected


def test_deployments_of_one_name_promise_only_what_all_can_do() -> None:
    """Smallest limits, highest prices, common capabilities and endpoints, and nothing that they disagree about."""
    one = Row(
        "m", mode="chat", context=128000, output=4096, provider="openai",
        input_price=Decimal(1), output_price=Decimal(4), endpoints=frozenset({"a", "b"}),
        flags={"supports_vision": True, "supports_reasoning": True},
    )  # fmt: skip
    two = Row(
        "m", mode="responses", context=8000, provider="azure",
        input_price=Decimal(2), output_price=Decimal(3), endpoints=frozenset({"b"}),
        flags={"supports_vision": None, "supports_reasoning": True},
    )  # fmt: skip
    assert groups.group([one, two]) == {
        "m": Row(
            "m", context=8000, output=4096, input_price=Decimal(2), output_price=Decimal(4),
            endpoints=frozenset({"b"}), flags={"supports_vision": False, "supports_reasoning": True},
            deployments=(one, two),
        )
    }  # fmt: skip


def test_the_list_outranks_the_description() -> None:
    """Mode and limits are taken from the list where it has them; the rest is the description's."""
    listed, described = Row("m", mode="chat", context=10), Row("m", mode="responses", context=5, output=3, provider="x")
    assert groups.merge(listed, described) == Row("m", mode="chat", context=10, output=3, provider="x")
    assert groups.merge(listed, None) is listed
