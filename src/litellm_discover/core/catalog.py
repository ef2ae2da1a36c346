"""From the rows of a proxy to one Catalog: each id decided once, each statement with its source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

from litellm_discover.core import groups, limits
from litellm_discover.core.ids import folded, printable, safe_name, unoffered_reason
from litellm_discover.core.modality import hidden_reason, modalities
from litellm_discover.core.model import Catalog, Hidden, Limit, Model, Notice, Proxy
from litellm_discover.core.naming import display_name
from litellm_discover.core.parameters import listed_anywhere, parameters
from litellm_discover.core.reasoning import efforts, reasoning
from litellm_discover.core.transport import TransportOptions, choose_transport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from litellm_discover.core.payloads import Row, Rows
    from litellm_discover.core.told import Told

LISTED = "proxy:/v1/models"
DESCRIBED = "proxy:/v1/model/info"

COLLISION = "collision:same-but-for-case"
TOO_MANY = "limit:too-many-models"

# With these, the edit of a file stays below 80 MB. LiteLLM 1.106.2 knows 3014 chat models in all.
MAX_OFFERED = 5000
MAX_WEIGHT = 256 * 1024
_EFFORT_WEIGHT = 8


@dataclass(frozen=True, slots=True)
class CatalogOptions:
    """What the person wants of the catalog; globs match whole ids, and excluding outranks including."""

    transport: TransportOptions = field(default_factory=TransportOptions)
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def build_catalog(told: Told, options: CatalogOptions) -> Catalog:
    """Understand what a proxy said.

    The catalog is not complete when descriptions could not be had, an entry was lost, or there were too many. Models
    and hidden entries are sorted by id, whatever order the proxy gave.
    """
    listed, described = told.listed, told.described
    descriptions = groups.group(described.rows) if described else {}
    known_parameters = listed_anywhere(described.rows) if described else frozenset()
    models: list[Model] = []
    hidden: list[Hidden] = []
    offered = _Offered()
    for row in sorted(listed.rows, key=lambda row: (row.id.casefold(), row.id)):
        facts = groups.merge(row, descriptions.get(row.id))
        reason = (
            unoffered_reason(row.id)
            or hidden_reason(facts.mode, row.id)
            or _filtered(row.id, options)
            or offered.refusal(row.id)
        )
        if reason:
            hidden.append(Hidden(printable(row.id), reason))
            continue
        models.append(_model(facts, row, told.proxy, options.transport, known_parameters))
        offered.weigh(models[-1])
    return Catalog(
        proxy=told.proxy,
        models=tuple(models),
        hidden=tuple(hidden),
        notices=(*told.notices, *_drop_notices(listed, described), *_hidden_notices(hidden)),
        complete=listed.complete and described is not None and described.complete and not offered.full,
    )


class _Offered:
    """What is offered already. Old proxies shuffle their list, so whatever has to give way is decided by id."""

    def __init__(self) -> None:
        self._folded: set[str] = set()
        self._weight = 0
        self.full = False

    def refusal(self, model_id: str) -> str | None:
        """Why the id cannot be offered beside the others, as a reason to hide it; without one it is offered now."""
        alike = folded(model_id)
        if alike in self._folded:
            return COLLISION
        if len(self._folded) == MAX_OFFERED or self._weight >= MAX_WEIGHT:
            self.full = True
            return TOO_MANY
        self._folded.add(alike)
        return None

    def weigh(self, model: Model) -> None:
        """Count what it takes to hold a model and to write it: the id is there again and again, each effort once."""
        self._weight += len(model.id.encode()) + _EFFORT_WEIGHT * len(model.efforts or ())


def _filtered(model_id: str, options: CatalogOptions) -> str | None:
    if any(fnmatchcase(model_id, glob) for glob in options.exclude):
        return "user:excluded"
    if options.include and not any(fnmatchcase(model_id, glob) for glob in options.include):
        return "user:not-included"
    return None


def _model(facts: Row, listed: Row, proxy: Proxy, options: TransportOptions, known_parameters: frozenset[str]) -> Model:
    transport, transport_source = choose_transport(facts, options, proxy.version)
    reasons, reasoning_source = reasoning(facts)
    inputs, outputs, modality_source = modalities(facts, facts.id)
    prefix, slash, _rest = facts.id.partition("/")
    levels = efforts(facts)
    takes, takes_stated = parameters(facts, transport, levels, known_parameters)
    model = Model(
        id=facts.id,
        name=safe_name(display_name(facts.id), facts.id),
        owner=facts.provider or (prefix if slash and prefix else None),
        mode=facts.mode,
        transport=transport,
        reasoning=reasons,
        efforts=levels,
        input=inputs,
        output=outputs,
        tool_call=facts.flags.get("supports_function_calling"),
        limit=limits.limit(facts),
        cost=limits.cost(facts),
        parameters=takes,
        sources={},
    )
    decided = {
        "transport": transport_source,
        "reasoning": reasoning_source,
        "input": modality_source,
        "output": modality_source,
        "parameters": "proxy" if takes_stated else "rule:backend",
    }
    return replace(model, sources=_sources(model, facts, listed, decided))


def _sources(model: Model, facts: Row, listed: Row, decided: Mapping[str, str]) -> Mapping[str, str]:
    """Where each statement that is known comes from; ``proxy`` in what was decided means the description."""
    limit_source = LISTED if limits.limit(listed) == model.limit else DESCRIBED
    sources = {
        "name": "rule:formatter",
        "owner": model.owner and (DESCRIBED if facts.provider else "rule:id-prefix"),
        "mode": model.mode and (LISTED if listed.mode else DESCRIBED),
        "transport": decided["transport"],
        "reasoning": None if model.reasoning is None else decided["reasoning"],
        "efforts": None if model.efforts is None else DESCRIBED,
        "input": decided["input"],
        "output": decided["output"],
        "toolCall": None if model.tool_call is None else DESCRIBED,
        "limit": None if model.limit == Limit() else limit_source,
        "cost": model.cost and DESCRIBED,
        "parameters": model.parameters and decided["parameters"],
    }
    known = ((name, DESCRIBED if source == "proxy" else str(source)) for name, source in sources.items() if source)
    return _shared(tuple(known))


@lru_cache(maxsize=256)
def _shared(sources: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Thousands of models know the same from the same sources."""
    return dict(sources)


def _hidden_notices(hidden: Sequence[Hidden]) -> list[Notice]:
    """What a person with a strange proxy should hear even when nobody asks what is hidden."""
    return [
        Notice(code, f"left out {len(ids)} {what}: {', '.join(ids[:3])}{', …' if len(ids) > 3 else ''}")
        for code, kind, what in (
            ("unsafe_ids", "unsafe:", "with an id that could harm an agent or a terminal"),
            ("id_collisions", COLLISION, "with the id of another model but for case or Unicode form"),
            ("too_many_models", TOO_MANY, "past what a run can hold (choose with --include and --exclude)"),
        )
        if (ids := [entry.id for entry in hidden if entry.reason.startswith(kind)])
    ]


def _drop_notices(listed: Rows, described: Rows | None) -> list[Notice]:
    return [
        Notice("dropped_entries", f"{path}: dropped {count} × {what}")
        for path, rows in (("/v1/models", listed), ("/v1/model/info", described))
        if rows is not None
        for what, count in sorted(rows.dropped.items())
    ]
