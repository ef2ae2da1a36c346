"""litellm-discover: a LiteLLM proxy's models, correctly described, in every coding agent.

For other programs there are ``discover``, and the types of what it gives and raises; see docs/python.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from litellm_discover.api import discover
    from litellm_discover.core.model import Catalog, Model
    from litellm_discover.errors import DiscoverError

__all__ = ["Catalog", "DiscoverError", "Model", "__version__", "discover"]

__version__ = "0.1.0"

# Loaded when they are asked for: the command, and the hook before each start of an agent, import this package too.
_HOMES = {"Catalog": "core.model", "DiscoverError": "errors", "Model": "core.model", "discover": "api"}


if not TYPE_CHECKING:  # a type checker is to object to any other name

    def __getattr__(name: str) -> object:
        """One of ``__all__``. Raises AttributeError."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - which nothing else needs at the start

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
