"""What to say of a model that the person named and that cannot be had."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from litellm_discover.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litellm_discover.core.model import Catalog


def not_offered(model_id: str, catalogs: Sequence[Catalog]) -> UsageError:
    """Not offered: left out, or not there at all, and then perhaps a slip of the pen."""
    hidden = next((entry for catalog in catalogs for entry in catalog.hidden if entry.id == model_id), None)
    if hidden:
        return UsageError(
            f"the proxy lists that model, but it is left out: {hidden.reason}",
            code="model_hidden",
            hint="litellm-discover --verbose shows everything that is left out.",
        )
    ids = dict.fromkeys(model.id for catalog in catalogs for model in catalog.models)
    alike = get_close_matches(model_id, ids, n=3)
    return UsageError(
        "the proxy offers no model of that id",
        code="model_unknown",
        hint=f"Did you mean {', '.join(alike)}?" if alike else "litellm-discover lists those that there are.",
    )
