"""Takes an id apart: the segment that names the model, and what the rest says about the way to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from litellm_discover.core.naming.brands import BEDROCK_REGIONS, BEDROCK_VENDORS, ROUTE_LABELS, ROUTER_TAGS, ROUTES

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
class IdPath:
    """An id taken apart: ``leaf`` names the model, and ``folders`` lead to it.

    ``tag`` is a router's variant; ``region`` is ``US`` or ``us-east-1``. Either may be empty. ``is_bedrock`` says that
    the leaf had the form of Bedrock's ids, with the vendor in it.
    """

    folders: tuple[str, ...]
    leaf: str
    tag: str
    region: str
    is_bedrock: bool

    @property
    def starts_with_route(self) -> bool:
        """Whether the first folder means something to LiteLLM; any other was chosen by a person."""
        return bool(self.folders) and self.folders[0] in ROUTES

    @property
    def label(self) -> str:
        """The label of the route where it tells routes apart. Bedrock's does by its region alone."""
        if self.region:
            return f"Bedrock {self.region}"
        return next((ROUTE_LABELS[folder] for folder in self.folders if folder in ROUTE_LABELS), "")


def take_apart(model_id: str) -> IdPath:
    """Find the last segment that identifies the model, and the way that leads to it."""
    path = _OPENCODE_PREFIX.sub("opencode/", model_id.partition("#")[0])  # Fireworks: `…#deployment`
    *folders, leaf = [segment for segment in path.split("/") if segment] or [""]
    starts_with_route = bool(folders) and folders[0] in ROUTES
    if len(folders) > starts_with_route and _ONLY_A_VERSION.match(leaf):
        leaf = f"{folders[-1]}-{leaf}"
    leaf, tag = _cut_tag(_BUILD_STAMP.sub("", leaf))
    model, region = _cut_bedrock_prefix(leaf)
    return IdPath(tuple(folders), model, tag, _cloud_region(folders) or region, is_bedrock=model != leaf)


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


def _cloud_region(folders: list[str]) -> str:
    if not any("bedrock" in folder for folder in folders):
        return ""
    return next((found[1] for folder in reversed(folders) if (found := _CLOUD_REGION.search(folder))), "")
