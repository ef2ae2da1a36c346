"""Turns the id of a model into the name that a person expects in a picker.

This module takes the path apart and understands the route; :mod:`.spelling` spells the segment that is left,
by the tables of :mod:`.brands`. Nothing here looks a model up: the same id always gives the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from litellm_discover.core.naming.brands import BEDROCK_REGIONS, BEDROCK_VENDORS, ROUTE_LABELS, ROUTER_TAGS, ROUTES
from litellm_discover.core.naming.spelling import is_handwritten, spell

__all__ = ["display_name"]

_PROSE_OR_PATTERN: Final = re.compile(r"[\s*]")
_OPENCODE_PREFIX: Final = re.compile(r"\Aopencode-(?=.)")  # a route that is written with a dash
_ONLY_A_VERSION: Final = re.compile(r"v?\d[\d.]*[a-z]?(?:-|\Z)")  # `flux-pro/v1.1-ultra`
_BUILD_STAMP: Final = re.compile(r"-v?1:\d+(?=:|\Z)|(?<=-v\d):0\Z|:latest\Z|(?<=.)@.*")
_ROUTER_TAG: Final = re.compile(rf":({'|'.join(ROUTER_TAGS)})\Z")
_CLOUD_REGION: Final = re.compile(r"(?:\A|:)([a-z]{2}(?:-[a-z]+)+-\d)(?=:|\Z)")
_BEDROCK_LEAF: Final = re.compile(
    rf"(?:(?P<region>{'|'.join(BEDROCK_REGIONS)})\.)?"
    rf"(?P<vendor>{'|'.join(BEDROCK_VENDORS)})\."
    r"(?P<model>.+?)(?:-v1)?\Z"
)
_NO_FAMILY: Final = re.compile(r"[a-z]\d")


@dataclass(frozen=True, slots=True)
class _Path:
    """An id taken apart: the segment that names the model, and what is worth saying about the rest."""

    leaf: str
    tag: str
    route: str
    starts_with_route: bool


def display_name(model_id: str) -> str:
    """Spell ``model_id`` the way a person expects to read it.

    An id that a person wrote as a name stays as it is, and only the empty id has an empty name.

    >>> display_name("anthropic/claude-3-5-sonnet")
    'Claude 3.5 Sonnet'
    >>> display_name("gpt-4o-2024-08-06")
    'GPT-4o (2024-08-06)'
    >>> display_name("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0")
    'Claude Sonnet 4 (Bedrock US)'
    >>> display_name("ollama/llama3.1:8b-instruct-q4_K_M")
    'Llama 3.1 8B Instruct Q4_K_M'
    >>> display_name("MY-INTERNAL-LLM")
    'MY-INTERNAL-LLM'
    """
    if _PROSE_OR_PATTERN.search(model_id):
        return model_id
    path = _take_apart(model_id)
    if not is_handwritten(path.leaf):
        name, notes = spell(path.leaf)
    elif path.starts_with_route:
        name, notes = path.leaf, []
    else:
        return model_id  # the folder is part of what the person wrote
    if not name:
        return model_id
    said = ", ".join(filter(None, [*notes, path.tag, path.route]))
    return f"{name} ({said})" if said else name


def _take_apart(model_id: str) -> _Path:
    """Find the last segment that identifies the model, and the route that leads to it."""
    path = _OPENCODE_PREFIX.sub("opencode/", model_id.partition("#")[0])  # Fireworks: `…#deployment`
    *folders, leaf = [segment for segment in path.split("/") if segment] or [""]
    starts_with_route = bool(folders) and folders[0] in ROUTES
    if len(folders) > starts_with_route and _ONLY_A_VERSION.match(leaf):
        leaf = f"{folders[-1]}-{leaf}"
    leaf, tag = _cut_tag(_BUILD_STAMP.sub("", leaf))
    leaf, region = _cut_bedrock_prefix(leaf)
    return _Path(leaf, tag, _route_label(folders, region), starts_with_route)


def _cut_tag(leaf: str) -> tuple[str, str]:
    found = _ROUTER_TAG.search(leaf)
    return (leaf[: found.start()], found[1]) if found else (leaf, "")


def _cut_bedrock_prefix(leaf: str) -> tuple[str, str]:
    """Split ``us.anthropic.claude-opus-4-6-v1`` into the model and the label of its region."""
    found = _BEDROCK_LEAF.match(leaf)
    if not found:
        return leaf, ""
    model, region = found["model"], BEDROCK_REGIONS.get(found["region"], "")
    if _NO_FAMILY.match(model):  # in `deepseek.r1`, the vendor is the family
        model = f"{found['vendor']}-{model}"
    return model, region


def _route_label(folders: list[str], region: str) -> str:
    """The label of the route where it tells routes apart. Bedrock's does by its region alone."""
    if any("bedrock" in folder for folder in folders):
        named = [found[1] for folder in folders if (found := _CLOUD_REGION.search(folder))]
        region = named[-1] if named else region
    if region:
        return f"Bedrock {region}"
    return next((ROUTE_LABELS[folder] for folder in folders if folder in ROUTE_LABELS), "")
