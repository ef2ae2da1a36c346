"""What to say to somebody who names a model that is not there."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from litellm_discover.core.model import Catalog, Hidden


def not_offered(model_id: str, catalogs: Sequence[Catalog]) -> UsageError:
    """The error for an id that no proxy offers."""
    known = {model.id: model.id for catalog in catalogs for model in catalog.models}
    hidden = (entry for catalog in catalogs for entry in catalog.hidden)
    return unknown_model(model_id, known, hidden, "the proxy offers no model of that id")


def unknown_model(model_id: str, known: Mapping[str, str], hidden: Iterable[Hidden], message: str) -> UsageError:
    """The error for an id: left out, or not there at all (``message``), and then perhaps a slip of the pen.

    ``known`` has the ids that there are, with the names to show for them.
    """
    left_out = next((entry for entry in hidden if entry.id == model_id), None)
    if left_out:
        return UsageError(
            f"the proxy lists that model, but it is left out: {left_out.reason}",
            code="model_hidden",
            hint="litellm-discover --verbose shows everything that is left out.",
        )
    alike = [known[each] for each in get_close_matches(model_id, known, n=3)]
    return UsageError(
        message,
        code="model_unknown",
        hint=f"Did you mean {', '.join(alike)}?" if alike else "litellm-discover lists those that there are.",
    )
