"""What each agent gets, as the configurations for them have it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from litellm_discover.core.providers import SIBLING
from litellm_discover.core.report.html import Html, tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from litellm_discover.core.jsonc import JsonValue

_TITLES = {"opencode": "OpenCode", "pi": "Pi"}


class Agents:
    """Each agent with its providers, and the models in each of them."""

    def __init__(self, targets: Mapping[str, JsonValue]) -> None:
        self._counts: list[tuple[str, str, int]] = []
        self._of: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        for agent, provider, ids in _providers(targets):
            self._counts.append((agent, provider, len(ids)))
            # A provider has the name of its proxy, and that for the other route a word more.
            proxy = provider.removesuffix(SIBLING)
            for model_id in ids:
                self._of[proxy, model_id].append((agent, provider))

    def of(self, proxy: str, model_id: str) -> Sequence[tuple[str, str]]:
        """Each agent that gets this model, with its provider for it."""
        return self._of.get((proxy, model_id), ())

    def table(self) -> Html:
        """How many models each agent gets in each provider."""
        head = tag("tr", *(tag("th", title, scope="col") for title in ("Agent", "Provider", "Models")))
        rows = (
            tag("tr", tag("th", agent, scope="row"), tag("td", provider), tag("td", f"{count:,}", class_="n"))
            for agent, provider, count in self._counts
        )
        return tag("table", tag("thead", head), tag("tbody", *rows), class_="plain")


def _providers(targets: Mapping[str, JsonValue]) -> Iterator[tuple[str, str, Sequence[str]]]:
    """OpenCode has a table of models by id, Pi a list of models with their ids."""
    for target, whole in targets.items():
        providers = next(iter(whole.values()), None) if isinstance(whole, dict) else None
        for name, provider in providers.items() if isinstance(providers, dict) else ():
            models = provider.get("models") if isinstance(provider, dict) else None
            listed = models if isinstance(models, dict | list) else ()
            ids = [str(model["id"]) if isinstance(model, dict) else str(model) for model in listed]
            yield _TITLES.get(target, target), name, ids
