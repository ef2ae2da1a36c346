"""How the targets are rendered for this person, and what their shims need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.host import Rendering
from litellm_discover.core.merge import overlay
from litellm_discover.io.installed import installed_version
from litellm_discover.targets import TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from litellm_discover.core.jsonc import JsonValue
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.options import ResponsesStyle
    from litellm_discover.io.places import Places
    from litellm_discover.settings import Settings
    from litellm_discover.targets import Target


def rendering(target: Target, style: ResponsesStyle | None, places: Places) -> Rendering:
    """How a target is rendered for this person: with their style, for the version that they have installed."""
    if target.INSTALLATION is None:
        return Rendering(style)
    return Rendering(style, installed_version(target.INSTALLATION, places.config(target.NAME), places.variables))


def fragments(
    catalogs: Iterable[Catalog], settings: Settings, places: Places, names: Iterable[str]
) -> Iterator[tuple[str, JsonValue]]:
    """What the shims of these targets need, one after the other: each can be as large as all the rest of a run."""
    for name in names:
        target = TARGETS[name]
        how = rendering(target, settings.responses_style, places)
        whole: JsonValue = {}
        for catalog in catalogs:
            whole = overlay(whole, target.render_complete(catalog, how))
        yield name, whole
