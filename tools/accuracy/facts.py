"""Whether limits, prices, modalities and reasoning are right for an id alone."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from bench.report import Section, Table
from tools.accuracy import lookup, sources

from litellm_discover.core.limits import per_million

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from litellm_discover.core.model import Model

_DEPLOYMENT: Final = re.compile(r"^ {2}- model_name: (\S+)\n(?: {4}.*\n)*? {6}model: (\S+)$", re.MULTILINE)

# Providers whose map entries are compared, with the routes by which their ids begin.
_MAKERS: Final = ("anthropic", "azure", "bedrock_converse", "deepseek", "gemini", "mistral", "openai", "xai")

_MODALITIES: Final = (
    ("image", "supports_vision"),
    ("pdf", "supports_pdf_input"),
    ("audio", "supports_audio_input"),
    ("video", "supports_video_input"),
)

RIGHT, UNKNOWN, WRONG = "right", "unknown", "wrong"

_TEXT: Final = """\
What is understood of an id when nothing but the list can be had, with the bundled catalogs. *Right* is what the source
has, *unknown* is no statement, *wrong* is another. What the source does not know is not counted.

The first table is a real user's list (`tests/real/seed004.yaml`) against LiteLLM's map, and for what OpenCode's own
host serves, against Pi. The second is every chat model of the big makers in LiteLLM's map, under the id that the map
has. The catalogs are gathered from that map among others, so it shows what the strict match loses or mixes up and not
whether the map is right. A wrong value there is one that two sources do not agree on, or a host's instead of the
maker's.

Of modalities, less than the source has is unknown: `text` alone, or images without PDF, is what a rule says of a family
for want of better. More than the source has is wrong. Pi tells of text and images only, so nothing else is compared
with it."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a source says of a model; None is nothing said. Prices in USD per 1,000,000 tokens.

    ``kinds`` are the modalities that the source can tell of.
    """

    context: int | None
    output: int | None
    prices: tuple[Decimal, Decimal] | None
    input: frozenset[str] | None
    reasoning: bool | None
    kinds: frozenset[str] = frozenset({"text", *(kind for kind, _flag in _MODALITIES)})


# The fields that are compared: of what the source says, and of what is understood.
FIELDS: Final[Mapping[str, tuple[Callable[[Truth], object], Callable[[Model, Truth], object]]]] = {
    "context": (lambda truth: truth.context, lambda model, _: model.limit.context),
    "output": (lambda truth: truth.output, lambda model, _: model.limit.output),
    "prices": (
        lambda truth: truth.prices,
        lambda model, _: (model.cost.input, model.cost.output) if model.cost else None,
    ),
    "modalities": (lambda truth: truth.input, lambda model, truth: truth.kinds.intersection(model.input)),
    "reasoning": (lambda truth: truth.reasoning, lambda model, _: model.reasoning),
}


def run() -> Section:
    """Both tables, and each wrong value of the first."""
    entries = sources.litellm_map()
    listed = _seed_004(entries)
    makers = {
        maker: {each: _of_map(entry) for each, entry in entries.items() if entry.get("litellm_provider") == maker}
        for maker in _MAKERS
    }
    all_of_map = {model_id: truth for truths in makers.values() for model_id, truth in truths.items()}
    named = (
        f"Unknown in the first table, though the source knows it: {_named(listed, UNKNOWN)}.",
        f"Wrong in the first table: {_named(listed, WRONG)}.",
        f"Wrong in the second table: {_named(all_of_map, WRONG)}.",
    )
    tables = (_table("Ids of the list", {"all": listed}), _table("Ids of the map", makers))
    return Section("Facts from ids alone", "\n\n".join((_TEXT, *named)), tables)


def compared(truth: Truth, model: Model) -> Mapping[str, str]:
    """The verdict for each field that the source knows."""
    values = {name: (of_truth(truth), of_model(model, truth)) for name, (of_truth, of_model) in FIELDS.items()}
    return {name: _verdict(ours, theirs) for name, (theirs, ours) in values.items() if theirs is not None}


def _verdict(ours: object, theirs: object) -> str:
    if ours == theirs:
        return RIGHT
    is_less = isinstance(ours, frozenset) and isinstance(theirs, frozenset) and ours < theirs
    return UNKNOWN if ours is None or is_less else WRONG


def _named(truths: Mapping[str, Truth], wanted: str) -> str:
    """The ids with this verdict on any field, and on which."""
    found = [
        f"`{model_id}` ({', '.join(fields)})"
        for model_id, truth in truths.items()
        if (fields := [name for name, verdict in compared(truth, lookup.model(model_id)).items() if verdict == wanted])
    ]
    return ", ".join(found) or "nothing"


def _table(title: str, parts: Mapping[str, Mapping[str, Truth]]) -> Table:
    rows = tuple(
        (part, str(len(truths)), name, *(str(counts[name, verdict]) for verdict in (RIGHT, UNKNOWN, WRONG)))
        for part, truths in parts.items()
        for counts in [_counted(truths.items())]
        for name in FIELDS
    )
    return Table((title, "number", "field", RIGHT, UNKNOWN, WRONG), rows)


def _counted(truths: Iterable[tuple[str, Truth]]) -> Counter[tuple[str, str]]:
    return Counter(
        (name, verdict)
        for model_id, truth in truths
        for name, verdict in compared(truth, lookup.model(model_id)).items()
    )


def _seed_004(entries: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Truth]:
    """The user's models by the names that the user gave them; routers have no facts of their own."""
    text = (sources.ROOT / "tests" / "real" / "seed004.yaml").read_text("utf-8")
    go = sources.published_facts("opencode-go")
    found = {}
    for name, backend in _DEPLOYMENT.findall(text):
        route, _, model_id = backend.partition("/")
        if route == "opencodego":
            found[name] = _of_pi(go[model_id]) if model_id in go else Truth(None, None, None, None, None)
        elif route != "auto_router":
            found[name] = _of_map(entries.get(backend) or entries[model_id])
    return found


def _of_map(entry: Mapping[str, Any]) -> Truth:
    prices = [entry.get(f"{side}_cost_per_token") for side in ("input", "output")]
    stated = [flag for name, flag in entry.items() if name.startswith("supports_")]
    return Truth(
        context=entry.get("max_input_tokens"),
        output=entry.get("max_output_tokens"),
        prices=_prices(*(None if price is None else per_million(Decimal(repr(price))) for price in prices)),
        input=frozenset({"text", *(kind for kind, flag in _MODALITIES if entry.get(flag))}) if stated else None,
        reasoning=entry.get("supports_reasoning"),
    )


def _of_pi(entry: Mapping[str, Any]) -> Truth:
    cost = entry.get("cost") or {}
    return Truth(
        context=entry.get("contextWindow"),
        output=entry.get("maxTokens"),
        prices=_prices(*(Decimal(repr(cost[side])) if side in cost else None for side in ("input", "output"))),
        input=frozenset(entry["input"]) if entry.get("input") else None,
        reasoning=entry.get("reasoning"),
        kinds=frozenset({"text", "image"}),
    )


def _prices(given: Decimal | None, taken: Decimal | None) -> tuple[Decimal, Decimal] | None:
    """Both prices; zero for both is unknown, as it is for us."""
    return (given, taken) if given is not None and taken is not None and (given or taken) else None
