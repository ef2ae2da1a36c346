"""How many names are met: by the formatter alone on pairs that it was and was not made with, and with catalogs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bench.report import Section, Table
from tools.accuracy import lookup, sources
from tools.catalogs.tables import PROVIDERS

from litellm_discover.core.distinct import distinct
from litellm_discover.core.ids import folded
from litellm_discover.core.naming import display_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tools.accuracy.sources import Pair

    from litellm_discover.core.model import Model

_PARENTHESIS: Final = re.compile(r"\s*\([^()]*\)\s*\Z")
_VENDOR: Final = re.compile(r"\A[^:()]{1,40}: ")

_TEXT: Final = """\
Compared after a parenthesis at the end is removed from both names. *Exact* is letter for letter, *loose* ignores case,
spaces and punctuation.

The formatter was made with `tests/core/data/names.json` in view ("seen"). Of all other pairs, a stable hash of the last
segment of the id puts half into a held-out half: rules were made from the failures of the other half alone. *New ids*
are those whose last segment, without punctuation, is not among the seen ones under any host: the hardest measure. *New
ids of models.dev* are in neither Pi: those of its two hundred small hosts, speech and image models among them, with
whatever names these hosts gave. What hosts add of their own (GLM-5.3 here and GLM 5.3 there, "Instruct" that is in no
id) no rule can know.

OpenRouter writes the vendor before a colon ("Anthropic: Claude Sonnet 4.6"). A picker of one person's models needs no
vendor in front of each, so the formatter never writes one. *Raw* counts such names as they are published, so as missed;
*without vendor* removes what is before the colon first. All other figures here are without vendor.

The best other program for this meets 31 % of such pairs exactly and 64 % loosely."""

_CATALOG_TEXT: Final = """\
What a person sees with the bundled catalogs. They are gathered from the same packages, so this shows that the strict
match finds what it may use and says nothing of models that are newer than the catalogs; those get the formatter's
name. *Id alone* is a list without routes and a key without rights; *with the route* has LiteLLM's route before the id;
*provider stated* is a key that may see `litellm_provider`. Hosts do not agree on names (`claude-3-5-haiku` has two), so
an id alone cannot meet them all.

*Duplicates* are names that a list of all these ids would have twice, before and after telling them apart."""


@dataclass(frozen=True, slots=True)
class Met:
    """How many of how many names were met; of at least one."""

    exact: int
    loose: int
    of: int

    @property
    def cells(self) -> tuple[str, str, str]:
        """The number of pairs, and both shares in percent."""
        return str(self.of), f"{100 * self.exact / self.of:.1f}", f"{100 * self.loose / self.of:.1f}"


def met(pairs: Sequence[Pair], name_of: Callable[[Pair], str]) -> Met:
    """The names that are met by ``name_of``."""
    both = [(_core(name_of(pair)), _core(pair.name)) for pair in pairs]
    return Met(
        exact=sum(ours == theirs for ours, theirs in both),
        loose=sum(_letters(ours) == _letters(theirs) for ours, theirs in both),
        of=len(both),
    )


def run() -> Section:
    """The formatter alone."""
    seen, current = sources.seen(), sources.published()
    known, keys = {(pair.provider, pair.id) for pair in seen}, {pair.key for pair in seen}
    hosts = {pair.provider for pair in seen}
    unseen = [pair for pair in current if (pair.provider, pair.id) not in known]
    there = {(pair.id, pair.name) for pair in (*seen, *current)}
    earlier = _different(sources.published_earlier())
    anywhere = keys | {pair.key for pair in (*current, *earlier)}
    elsewhere = _different(sources.published_elsewhere())
    parts: dict[str, list[Pair]] = {
        "all other pairs of Pi 0.87": unseen,
        "of the same hosts": [pair for pair in unseen if pair.provider in hosts],
        "of OpenRouter, raw": [pair for pair in unseen if pair.provider == "openrouter"],
        "of OpenRouter, without vendor": [pair for pair in unseen if pair.provider == "openrouter"],
        "of other hosts": [pair for pair in unseen if pair.provider not in hosts | {"openrouter"}],
        "new ids": [pair for pair in unseen if pair.key not in keys],
        "new ids of the same hosts": [pair for pair in unseen if pair.key not in keys and pair.provider in hosts],
        "new ids of models.dev": [pair for pair in elsewhere if pair.key not in anywhere],
        "names in Pi 0.74 alone": [pair for pair in earlier if (pair.id, pair.name) not in there],
    }
    rows: list[tuple[str, ...]] = [("seen", *met(seen, _formatted).cells, "", "", "")]
    for title, pairs in parts.items():
        plain = pairs if title.endswith("raw") else without_vendor(pairs)
        halves = ([pair for pair in plain if pair.is_held_out is held_out] for held_out in (False, True))
        rows.append((title, *(cell for half in halves for cell in met(half, _formatted).cells)))
    columns = ("Pairs", "number", "exact %", "loose %", "held out: number", "exact %", "loose %")
    return Section("Names: the formatter alone", _TEXT, (Table(columns, tuple(rows)),))


def run_with_catalogs() -> Section:
    """The formatter and the bundled catalogs."""
    routes = {pi: ours for ours, provider in PROVIDERS.items() for pi in (provider.pi, *provider.named_by) if pi}
    forms: dict[str, Callable[[Pair], str]] = {
        "id alone": lambda pair: lookup.model(pair.id).name,
        "with the route": lambda pair: lookup.model(f"{routes[pair.provider]}/{pair.id}").name,
        "provider stated": lambda pair: lookup.model(pair.id, routes[pair.provider]).name,
    }
    known = {(pair.provider, pair.id) for pair in sources.seen()}
    current = without_vendor(sources.published())
    parts = {
        "seen": [pair for pair in sources.seen() if pair.provider in routes],
        "all other pairs of Pi 0.87": [
            pair for pair in current if pair.provider in routes and (pair.provider, pair.id) not in known
        ],
    }
    rows = [
        (f"{title}, {form}", *met(pairs, name_of).cells)
        for title, pairs in parts.items()
        for form, name_of in forms.items()
    ]
    duplicates = Table(("Ids", "number", "duplicates", "after telling apart"), tuple(_duplicates()))
    return Section(
        "Names: with the bundled catalogs",
        _CATALOG_TEXT,
        (Table(("Pairs", "number", "exact %", "loose %"), tuple(rows)), duplicates),
    )


def without_vendor(pairs: Iterable[Pair]) -> list[Pair]:
    """The pairs, with OpenRouter's names cut to what follows the vendor and its colon."""
    return [replace(pair, name=_VENDOR.sub("", pair.name)) if pair.provider == "openrouter" else pair for pair in pairs]


def _different(pairs: Iterable[Pair]) -> list[Pair]:
    """Each id and name once, whoever says so."""
    return list({(pair.id, pair.name): pair for pair in pairs}.values())


def _duplicates() -> Iterable[tuple[str, ...]]:
    ids = {pair.id for pair in (*sources.seen(), *sources.published(), *sources.published_earlier())}
    for title, chosen in (("of the hosts", ids), ("of LiteLLM's map", set(sources.litellm_map()))):
        different = {folded(model_id): model_id for model_id in sorted(chosen)}  # a catalog never has both
        models = [lookup.model(model_id) for model_id in different.values()]
        yield title, str(len(models)), str(_alike(models)), str(_alike(distinct(models)))


def _alike(models: Sequence[Model]) -> int:
    return len(models) - len({folded(model.name) for model in models})


def _formatted(pair: Pair) -> str:
    return display_name(pair.id)


def _core(name: str) -> str:
    return _PARENTHESIS.sub("", name).strip()


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
