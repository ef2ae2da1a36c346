"""Models understood from an id alone, as they are for a key that may see nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litellm_discover.core.identity import candidates, find
from litellm_discover.core.options import TransportOptions
from litellm_discover.core.payloads import Row
from litellm_discover.core.understanding import Asked, Evidence, understand
from litellm_discover.io.shelf import BundledShelf

if TYPE_CHECKING:
    from litellm_discover.core.model import Model

_ASKED = Asked(TransportOptions(), version=None, parameters=frozenset())
_SHELF = BundledShelf({})


def model(model_id: str, provider: str | None = None) -> Model:
    """What is understood of an id with the bundled catalogs; ``provider`` if the proxy states that and nothing more."""
    row = Row(model_id, provider=provider)
    return understand(Evidence(row, None, "", row, find(candidates(model_id, provider), _SHELF)), _ASKED)
