"""What is to be written for a tool: the models that the proxies offer, and on request those that it starts with."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from litellm_discover.configuration import edited_file, layered, located, parsed
from litellm_discover.core import jsonc
from litellm_discover.core.merge import joined
from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import Present, still_ours
from litellm_discover.core.starting import TITLES, gone, offered, resolved
from litellm_discover.errors import ConfigError, JsoncError, UsageError
from litellm_discover.io import files, state
from litellm_discover.io.schema import violation
from litellm_discover.rendering import rendering
from litellm_discover.targets import TARGETS, merge_all
from litellm_discover.writing import WritePlan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from litellm_discover.core.host import Rendering
    from litellm_discover.core.jsonc import Document, JsonValue
    from litellm_discover.core.merge import Merge
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.options import ResponsesStyle
    from litellm_discover.core.starting import Named, Role
    from litellm_discover.io.places import Places
    from litellm_discover.targets import Target


@dataclass(frozen=True, slots=True)
class ModelsRequest:
    """Models that are to be written where: ``path`` is the file in ``directory`` that the tool would edit itself.

    ``silent`` are the ids of proxies that said nothing: what is there of them stays as it is. ``chosen`` are the models
    to start with, as the person names them; only a tool that keeps them in the same file gets them with this.
    """

    target: Target
    directory: Path
    path: Path
    catalogs: Collection[Catalog]
    rendering: Rendering
    prune: bool
    silent: Collection[str]
    chosen: Mapping[Role, str] = field(default_factory=dict)

    def planned(self, before: bytes | None, known: state.Written) -> WritePlan:
        """What would be done to the file as it is now. Raises ConfigError and UsageError."""
        document = parsed(self.path, before if before and before.strip() else self.target.EMPTY_FILE.encode())
        config = self._layered(document.value)
        try:
            merge = self._merged(document, Present(config, still_ours(document, known.record)))
            revision = jsonc.revise(document, merge.edits)
            if self.chosen and self.target.STARTING.file is None:
                named = self.named(self._layered(revision.value))
                merge = joined([merge, _start(self.target, named, config)])
                revision = jsonc.revise(document, merge.edits)
        except JsoncError as error:
            raise located(error, self.path, hint=error.hint) from None
        if merge.edits and self.target.SCHEMA:
            notices = self._schema_notices(self.target.SCHEMA, revision.value)
            merge = replace(merge, notices=(*merge.notices, *notices))
        return WritePlan.of(self, known, before, merge, revision)

    def named(self, config: JsonValue) -> dict[Role, Named]:
        """What is chosen of what the tool has, as its configuration then names it. Raises UsageError."""
        there = offered(self.target.SHAPE, config)
        hidden = [entry for catalog in self.catalogs for entry in catalog.hidden]
        roles = self.target.STARTING.fields
        return {role: resolved(asked, there, hidden) for role, asked in self.chosen.items() if role in roles}

    def after(self, plan: WritePlan) -> JsonValue:
        """The tool's configuration once the plan for its models is carried out."""
        return self._layered(parsed(self.path, plan.after).value)

    def _layered(self, value: JsonValue) -> JsonValue:
        return layered(self.target, self.directory, {self.path: value})

    def _merged(self, document: Document, present: Present) -> Merge:
        target = self.target
        if not target.BLOCK_COMMENTS and (foreign := jsonc.foreign_comment(document)):
            raise foreign
        merge = merge_all(target, present, self.catalogs, self.rendering, self.silent, prune=self.prune)
        notices = target.STARTING.missing(self.chosen)
        if lost := gone(target.SHAPE, present.config, merge.edits):
            notices += target.STARTING.lost(lost, self._starts_with(present.config), self.chosen)
        return replace(merge, notices=(*merge.notices, *notices))

    def _starts_with(self, config: JsonValue) -> JsonValue:
        """Where the tool keeps what it starts with, as far as it can be read: it is only looked at."""
        if self.target.STARTING.file is None:
            return config
        path = self.directory / self.target.STARTING.file
        try:
            return parsed(path, files.read(path)).value
        except ConfigError:
            return {}

    def _schema_notices(self, schema: str, value: JsonValue) -> list[Notice]:
        """What in the file would make the tool reject it, when it is the person's. Raises ConfigError if it is ours."""
        offence = violation(schema, value)
        if offence is None:
            return []
        target = self.target
        rendered = (target.render(catalog, self.rendering) for catalog in self.catalogs)
        if ours := next(filter(None, (violation(schema, fragment) for fragment in rendered)), None):
            raise ConfigError(
                f"{target.TITLE} would reject what was to be written: {ours}",
                code="schema_violation",
                hint="This is a bug in litellm-discover: please report it. Nothing was written.",
            )
        return [Notice("schema_violation", f"{target.TITLE} rejects {self.path} as a whole: {offence}")]


@dataclass(frozen=True, slots=True)
class StartRequest:
    """The models that a tool is to start with, where it keeps them in the file ``path``, which has none of ours."""

    target: Target
    path: Path
    named: Mapping[Role, Named]

    def planned(self, before: bytes | None, known: state.Written) -> WritePlan:
        """What would be done to the file as it is now. Raises ConfigError."""
        document = parsed(self.path, before if before and before.strip() else b"{\n}\n")
        self._refuse_comments(document.text)
        merge = _start(self.target, self.named, document.value)
        try:
            revision = jsonc.revise(document, merge.edits)
        except JsoncError as error:
            raise located(error, self.path, hint=error.hint) from None
        return WritePlan.of(self, known, before, merge, revision)

    def _refuse_comments(self, text: str) -> None:
        try:
            json.loads(text.removeprefix("\ufeff"))
        except ValueError:
            raise ConfigError(
                f"{self.path} has comments or trailing commas, and {self.target.TITLE} reads plain JSON there",
                code="config_syntax",
                hint=f"Take them out: until then {self.target.TITLE} uses nothing of this file. It was left as it is.",
            ) from None


def _start(target: Target, named: Mapping[Role, Named], config: JsonValue) -> Merge:
    merge = target.STARTING.choose(named, config)
    return replace(merge, notices=(*merge.notices, *target.start_notices(config, named)))


def plan_write(
    name: str,
    catalogs: Collection[Catalog],
    style: ResponsesStyle | None,
    places: Places,
    *,
    prune: bool,
    silent: Collection[str] = (),
    chosen: Mapping[Role, str] | None = None,
) -> WritePlan:
    """What bringing the target ``name`` up to the catalogs of all proxies would change.

    Of proxies that are neither there nor ``silent`` what is ours goes. ``chosen`` has the models to start with as the
    person names them. Raises ConfigError, and UsageError for such a model that would not be there; writes nothing.
    """
    target = TARGETS[name]
    path = edited_file(target, places)
    how = rendering(target, style, places)
    request = ModelsRequest(target, places.config(name), path, catalogs, how, prune, silent, chosen or {})
    return _planned(request, places)


def plan_start(plan: WritePlan, places: Places) -> tuple[WritePlan, ...]:
    """The plan of ``plan_write``, and that for the tool's own file for what it starts with, if there is one to change.

    Raises ConfigError, and UsageError for a model that the tool would not have; writes nothing.
    """
    request = plan.request
    if not isinstance(request, ModelsRequest) or not request.chosen or request.target.STARTING.file is None:
        return (plan,)
    path, named = request.directory / request.target.STARTING.file, request.named(request.after(plan))
    return (plan, _planned(StartRequest(request.target, path, named), places)) if named else (plan,)


def _planned(request: ModelsRequest | StartRequest, places: Places) -> WritePlan:
    known = state.load(state.path_of(request.path, request.target.NAME, places))
    return request.planned(files.read(request.path), known)


def refuse_roles(chosen: Iterable[Role], names: Iterable[str]) -> None:
    """Raise UsageError for a role that none of these targets has."""
    targets = [TARGETS[name] for name in names]
    for role in chosen:
        if not any(role in target.STARTING.fields for target in targets):
            titles = " and ".join(target.TITLE for target in targets)
            raise UsageError(
                f"{titles} has no {TITLES[role]}", hint="Leave it out, or name a tool that has one: --write all."
            )
