"""The provider catalogs that come with the package, read for the providers that are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from litellm_discover.core.facts import Shelved, is_provider, read_catalog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from litellm_discover.core.facts import ProviderCatalog, Shelf

# The package is always a folder of plain files; importlib.resources takes longer to import than a catalog to read.
CATALOGS: Final = Path(__file__).parents[1] / "data" / "catalogs"


def bundled(providers: Iterable[str]) -> dict[str, ProviderCatalog]:
    """The bundled catalogs of these providers; one that has none is absent. Opens no other file."""
    found: dict[str, ProviderCatalog] = {}
    for provider in sorted(set(providers)):
        if not is_provider(provider):
            continue
        try:
            text = (CATALOGS / f"{provider}.json").read_text("utf-8")
        except FileNotFoundError:
            continue
        found[provider] = read_catalog(json.loads(text), provider)
    return found


class BundledShelf(Mapping[str, tuple[Shelved, ...]]):
    """The bundled catalogs, each read when it is first asked for, and those of another shelf above them."""

    def __init__(self, above: Shelf) -> None:
        self._above = above
        self._read: dict[str, tuple[Shelved, ...]] = {}

    def __getitem__(self, provider: str) -> tuple[Shelved, ...]:
        if layers := self._layers(provider):
            return layers
        raise KeyError(provider)

    def get(self, provider: str, default: Any = None) -> Any:
        """The same for thousands of ids, most of which are in no catalog: without an exception for each."""
        return self._layers(provider) or default

    def _layers(self, provider: str) -> tuple[Shelved, ...]:
        if provider not in self._read:
            catalogs = bundled([provider]).values()
            lowest = [Shelved(f"catalog:{catalog.provider}", catalog) for catalog in catalogs]
            self._read[provider] = (*lowest, *self._above.get(provider, ()))
        return self._read[provider]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({path.stem for path in CATALOGS.glob("*.json")} - {"manifest"} | set(self._above)))

    def __len__(self) -> int:
        return len(list(iter(self)))
