"""The models that a tool starts with: how a person names them, and where the tool keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from litellm_discover.core.jsonc import Put, Remove
from litellm_discover.core.merge import Merge
from litellm_discover.core.model import Notice
from litellm_discover.core.ownership import members_at
from litellm_discover.core.providers import MODELS, SIBLING
from litellm_discover.core.unknown import unknown_model
from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Mapping

    from litellm_discover.core.jsonc import Edit, JsonValue
    from litellm_discover.core.model import Hidden
    from litellm_discover.core.providers import Shape

Role: TypeAlias = Literal["default", "small"]
"""What a tool talks to by itself, and what it leaves small things to, like the title of a conversation."""

TITLES: Mapping[Role, str] = {"default": "default model", "small": "small model"}


@dataclass(frozen=True, slots=True)
class Named:
    """A model as a tool's configuration has it."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Starting:
    """Where a tool, ``title`` for people, keeps the models that it starts with.

    ``fields`` has for each role that the tool has the members of the root, and what they hold: ``{provider}`` and
    ``{model}`` stand for those of the model. ``file`` is the name of the file, in the tool's directory and in plain
    JSON, when it is not the one with the providers.
    """

    title: str
    fields: Mapping[Role, Mapping[str, str]]
    file: str | None = None

    def puts(self, role: Role, model: Named, config: JsonValue) -> tuple[Put, ...]:
        """The edits that make the tool start with this model; none when it does."""
        there = members_at(config)
        wanted = {
            name: text.format(provider=model.provider, model=model.model) for name, text in self.fields[role].items()
        }
        return tuple(Put((name,), value) for name, value in wanted.items() if there.get(name) != value)

    def choose(self, models: Mapping[Role, Named], config: JsonValue) -> Merge:
        """How to make the tool start with these models. It is the person's word: nothing of it is ours afterwards."""
        done = {role: self.puts(role, model, config) for role, model in models.items()}
        return Merge(
            edits=tuple(edit for edits in done.values() for edit in edits),
            record={},
            chosen=tuple(f"{TITLES[role]} {models[role]}" for role, edits in done.items() if edits),
        )

    def missing(self, chosen: Iterable[Role]) -> tuple[Notice, ...]:
        """What to say when models are chosen for what the tool does not have."""
        text = f"{self.title} has no {{}}, so there is none to set"
        return tuple(
            Notice(f"no_{role}_model", text.format(TITLES[role])) for role in chosen if role not in self.fields
        )

    def lost(
        self, models: Mapping[Named, Named | None], config: JsonValue, chosen: Container[Role]
    ) -> tuple[Notice, ...]:
        """What to say when models go with which the tool starts, and no others are chosen now; see ``gone``."""
        return tuple(
            Notice(
                "start_model_gone",
                f"{model}, the {TITLES[role]} of {self.title}, is {f'{now} now' if now else 'no longer there'}: "
                f"--{role}-model names another",
            )
            for model, now in models.items()
            for role in self.fields
            if role not in chosen and not self.puts(role, model, config)
        )


def offered(shape: Shape, config: JsonValue) -> dict[str, tuple[str, ...]]:
    """The ids of the models in a tool's configuration, by provider."""
    return {name: tuple(members_at(config, shape.root, name, MODELS)) for name in members_at(config, shape.root)}


def gone(shape: Shape, config: JsonValue, edits: Collection[Edit]) -> dict[Named, Named | None]:
    """The models that the edits take out, each with its new name where it only moves to another provider."""
    removed: list[Named] = []
    for edit in edits:
        if isinstance(edit, Remove) and len(edit.path) == 2:
            removed += (Named(edit.path[1], each) for each in members_at(config, shape.root, edit.path[1], MODELS))
        elif isinstance(edit, Remove):
            removed.append(Named(edit.path[1], edit.path[3]))
    wanted = {_at_proxy(model) for model in removed}
    put = (edit.path for edit in edits if isinstance(edit, Put))
    models = (Named(path[1], path[3]) for path in put if len(path) == 4 and path[2] == MODELS)
    moved = {at: model for model in models if (at := _at_proxy(model)) in wanted}
    return {model: moved.get(_at_proxy(model)) for model in removed}


def _at_proxy(model: Named) -> tuple[str, str]:
    """Equal for one model under either provider of a proxy."""
    return model.provider.removesuffix(SIBLING), model.model


def resolved(asked: str, there: Mapping[str, tuple[str, ...]], hidden: Iterable[Hidden] = ()) -> Named:
    """The model that a person means: ``PROVIDER/MODEL``, or the id alone where one provider has it.

    The two providers of a proxy stand for each other: which of them has a model is our business. Raises UsageError,
    with the nearest names, or with the reason why a model is left out.
    """
    provider, slash, model_id = asked.partition("/")
    for name in (provider, provider + SIBLING, provider.removesuffix(SIBLING)):
        if slash and model_id in there.get(name, ()):
            return Named(name, model_id)
    found = [Named(name, asked) for name, ids in there.items() if asked in ids]
    if len(found) > 1:
        raise UsageError(
            f"several providers have the model {asked}",
            code="model_ambiguous",
            hint=f"Name one of them: {', '.join(map(str, found))}.",
        )
    if found:
        return found[0]
    known = {each: str(Named(name, each)) for name, ids in there.items() for each in ids}
    # Ids can have a slash, too: then the whole of it is the id.
    ours = slash and any(name.removesuffix(SIBLING) == provider.removesuffix(SIBLING) for name in there)
    raise unknown_model(model_id if ours else asked, known, hidden, f"there is no model {asked} to start with")
