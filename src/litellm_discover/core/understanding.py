"""One model from all that is stated of it: each field from the highest source that knows it.

The proxy's word comes before that of a provider catalog, and that before a rule on the id. What a proxy does not know
it often states as zero, null or false (docs/litellm.md): such a statement leaves room for the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from litellm_discover.core import groups, limits
from litellm_discover.core.ids import safe_name
from litellm_discover.core.modality import can_add, modalities
from litellm_discover.core.model import Limit, Model
from litellm_discover.core.naming import display_name
from litellm_discover.core.parameters import parameters
from litellm_discover.core.reasoning import efforts, reasoning
from litellm_discover.core.transport import choose_transport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litellm_discover.core.facts import Facts
    from litellm_discover.core.identity import Found
    from litellm_discover.core.model import Modality, Transport
    from litellm_discover.core.options import TransportOptions
    from litellm_discover.core.payloads import Row

T = TypeVar("T")

Said: TypeAlias = tuple[T, str]
"""A value and its source; None or an empty source is "nothing said"."""

LISTED = "proxy:/v1/models"

# As the JSON envelope names the fields of a model.
_FIELDS = {"tool_call": "toolCall"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is stated of one model: by the list, by the description with its source, and in provider catalogs.

    ``stated`` is what the proxy says of it in both, in one row.
    """

    listed: Row
    described: Row | None
    described_by: str
    stated: Row
    public: Found | None

    def describes(self, field: str) -> str:
        """The source of what is in the description, for a field of the JSON envelope."""
        return groups.FROM_ROUTES if field in self.stated.from_routes else self.described_by

    def known(self, field: str, stated: T | None, read: Callable[[Facts], T | None]) -> Said[T | None]:
        """What the proxy states of a field, else what the catalogs say."""
        return self.published(read) if stated is None else (stated, self.describes(field))

    def published(self, read: Callable[[Facts], T | None]) -> Said[T | None]:
        """What the highest catalog says that says anything."""
        for source, facts in reversed(self.public.layers if self.public else ()):
            if (value := read(facts)) is not None:
                return value, source
        return None, ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What understanding depends on beside the evidence: the person's choice, the proxy, and what its models list."""

    options: TransportOptions
    version: str | None
    parameters: frozenset[str]


def understand(evidence: Evidence, asked: Asked) -> Model:
    """The model, with the source of each field that is known."""
    row = evidence.stated
    mode = _mode(evidence, row)
    transport = _transport(row, mode, asked)
    inputs, outputs = _modalities(evidence, row)
    reasons = _reasoning(evidence, row)
    levels: Said[Any] = (None, "")
    if reasons[0]:
        levels = evidence.known("efforts", efforts(row), lambda facts: facts.efforts)
    can_call = row.flags.get("supports_function_calling")
    said: dict[str, Said[Any]] = {
        "name": _name(evidence, row.id),
        "owner": _owner(evidence, row),
        "mode": mode,
        "transport": transport,
        "reasoning": reasons,
        "efforts": levels,
        "input": inputs,
        "output": outputs,
        "tool_call": evidence.known("toolCall", can_call, lambda facts: facts.tool_call),
        "limit": _limit(evidence),
        "cost": evidence.known("cost", limits.cost(row), lambda facts: facts.cost),
        "deprecated": evidence.published(lambda facts: facts.deprecated),
        "parameters": _parameters(evidence, row, transport[0], levels[0], asked),
    }
    sources = tuple((_FIELDS.get(field, field), source) for field, (_, source) in said.items() if source)
    return Model(id=row.id, **{field: value for field, (value, _) in said.items()}, sources=_shared(sources))


@lru_cache(maxsize=256)
def _shared(sources: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Thousands of models know the same from the same sources."""
    return dict(sources)


def _name(evidence: Evidence, model_id: str) -> Said[str | None]:
    """The official name, unless something had to be left out of the id to find it."""
    if evidence.public and evidence.public.exact:
        official = evidence.published(lambda facts: facts.name)
        if official[0]:
            return official
    return safe_name(display_name(model_id), model_id), "rule:formatter"


def _owner(evidence: Evidence, row: Row) -> Said[str | None]:
    if row.provider is not None:
        return row.provider, evidence.described_by
    prefix, slash, _rest = row.id.partition("/")
    return (prefix, "rule:id-prefix") if slash and prefix else (None, "")


def _mode(evidence: Evidence, row: Row) -> Said[str | None]:
    if row.mode is None:
        return evidence.published(lambda facts: facts.mode)
    return row.mode, LISTED if row.mode == evidence.listed.mode else evidence.described_by


def _transport(row: Row, mode: Said[str | None], asked: Asked) -> Said[Transport]:
    if mode[0] == row.mode:
        return choose_transport(row, asked.options, asked.version)
    transport, source = choose_transport(replace(row, mode=mode[0]), asked.options, asked.version)
    return transport, mode[1] if source == "proxy:mode" else source


def _modalities(evidence: Evidence, row: Row) -> tuple[Said[tuple[Modality, ...]], Said[tuple[Modality, ...]]]:
    """What goes in and what comes out: as flagged by the proxy, as published, by a rule."""
    inputs, outputs, source = modalities(row, row.id)
    published = evidence.published(lambda facts: facts.input)
    if source == "proxy":
        source = evidence.describes("input")
        if published[0] is None:
            return (inputs, source), (outputs, source)
        unasked = tuple(each for each in published[0] if each not in inputs and can_add(row, each))
        return ((*inputs, *unasked), f"{source}, {published[1]}" if unasked else source), (outputs, source)
    if published[0] is None:
        return (inputs, source), (outputs, source)
    given = evidence.published(lambda facts: facts.output)
    return (published[0], published[1]), (given[0], given[1]) if given[0] else (outputs, source)


def _reasoning(evidence: Evidence, row: Row) -> Said[bool | None]:
    reasons, source = reasoning(row)
    if source == "proxy":
        return evidence.known("reasoning", reasons, lambda facts: facts.reasoning)
    published = evidence.published(lambda facts: facts.reasoning)
    return (reasons, source) if published[0] is None else published


def _limit(evidence: Evidence) -> Said[Limit]:
    """Each of the two from its own source; that of the limit names both."""
    context, of_context = _side(evidence, "context")
    output, of_output = _side(evidence, "output")
    both = f"{of_context}, {of_output}" if of_context and of_output and of_context != of_output else ""
    return Limit(context, output), both or of_context or of_output


def _side(evidence: Evidence, side: str) -> Said[int | None]:
    if listed := getattr(evidence.listed, side):
        return listed, LISTED
    return evidence.known("limit", getattr(evidence.stated, side), lambda facts: getattr(facts.limit, side))


def _parameters(
    evidence: Evidence, row: Row, transport: Transport, levels: tuple[str, ...] | None, asked: Asked
) -> Said[Mapping[str, bool]]:
    taken, is_stated = parameters(row, transport, levels, asked.parameters)
    return taken, (evidence.describes("parameters") if is_stated else "rule:backend") if taken else ""
