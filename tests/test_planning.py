"""The models that a tool starts with: the plan for its file, to the byte."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from catalogs import catalog, model

from litellm_discover.core import jsonc
from litellm_discover.errors import ConfigError, UsageError
from litellm_discover.io.deadline import Deadline
from litellm_discover.io.places import Places
from litellm_discover.planning import plan_start, plan_write
from litellm_discover.writing import carry_out_all, undo

if TYPE_CHECKING:
    from litellm_discover.core.model import Catalog
    from litellm_discover.core.starting import Role
    from litellm_discover.writing import WritePlan

GOLDEN = Path(__file__).parent / "golden" / "starting"

# LITELLM_DISCOVER_GOLDEN=write makes the expected files anew; read the diff before committing it.
REWRITE = os.environ.get("LITELLM_DISCOVER_GOLDEN") == "write"


def plans(target: str, home: Path, found: list[Catalog], chosen: dict[Role, str]) -> tuple[WritePlan, ...]:
    """What is planned for each file of a target."""
    places = Places(home, {})
    return plan_start(plan_write(target, found, None, places, prune=True, chosen=chosen), places)


def file_of(target: str, name: str, home: Path) -> Path:
    """A file in the target's folder."""
    path = Places(home, {}).config(target) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("case", sorted(str(path.relative_to(GOLDEN)) for path in GOLDEN.glob("*/*")))
def test_golden_cases(case: str, tmp_path: Path) -> None:
    """The file as it was, what is asked and what is offered give the file as it is then; undo gives it back."""
    folder, target = GOLDEN / case, case.split("/", maxsplit=1)[0]
    data = json.loads((folder / "case.json").read_text("utf-8"))
    path = file_of(target, data["file"], tmp_path)
    before = (folder / "before").with_suffix(path.suffix)
    if before.exists():
        path.write_bytes(before.read_bytes())
    found = catalog(*(model(each, transport=route) for each, route in data["offered"].items()))
    planned = plans(target, tmp_path, [found] if data["offered"] else [], data["asked"])
    (plan,) = (each for each in planned if each.path == path)
    after = (folder / "after").with_suffix(path.suffix)
    if REWRITE:
        after.write_bytes(plan.after)
    assert plan.after == after.read_bytes()
    carry_out_all(planned, Places(tmp_path, {}), Deadline.after(5))
    assert path.read_bytes() == plan.after
    again = plans(target, tmp_path, [found] if data["offered"] else [], data["asked"])
    assert not any(each.changes for each in again)
    if any(each.changes for each in planned):
        undo(target, Places(tmp_path, {}), Deadline.after(5))
        assert (path.read_bytes() if path.exists() else None) == (before.read_bytes() if before.exists() else None)


ROUTER: dict[Role, str] = {"default": "litellm/a"}


@pytest.mark.parametrize(("target", "name"), [("opencode", "opencode.jsonc"), ("pi", "settings.json")])
def test_what_somebody_changed_meanwhile_stays(target: str, name: str, tmp_path: Path) -> None:
    """The plan is made anew on what is there when it is carried out."""
    path = file_of(target, name, tmp_path)
    path.write_text('{ "theme": "dark" }\n', encoding="utf-8")
    planned = plans(target, tmp_path, [catalog(model("a"))], ROUTER)
    path.write_text('{ "theme": "light", "model": "mine", "defaultModel": "mine" }\n', encoding="utf-8")
    carry_out_all(planned, Places(tmp_path, {}), Deadline.after(5))
    written: Any = jsonc.parse(path.read_text("utf-8"))
    assert written["theme"] == "light"
    assert written["model" if target == "opencode" else "defaultModel"] == (
        "litellm/a" if target == "opencode" else "a"
    )


@pytest.mark.parametrize(("lower", "changes"), [("litellm/a", False), ("litellm/b", True)])
def test_another_file_of_opencode_counts(lower: str, tmp_path: Path, *, changes: bool) -> None:
    """It reads all three of its files: what one below says need not be said again, or is outranked."""
    found = [catalog(model("a"))]
    carry_out_all(plans("opencode", tmp_path, found, {}), Places(tmp_path, {}), Deadline.after(5))
    file_of("opencode", "config.json", tmp_path).write_text(json.dumps({"model": lower}), encoding="utf-8")
    (plan,) = plans("opencode", tmp_path, found, ROUTER)
    assert plan.changes is changes
    assert plan.path.name == "opencode.jsonc"
    assert (b'"model": "litellm/a"' in plan.after) is changes


def test_one_that_cannot_be_resolved_leaves_both_files_unwritten(tmp_path: Path) -> None:
    """The error comes with the plan, before anything is carried out; so does that of a file that Pi cannot read."""
    found = [catalog(model("a"))]
    with pytest.raises(UsageError, match="no model litellm/x"):
        plans("pi", tmp_path, found, {"default": "litellm/x"})
    file_of("pi", "settings.json", tmp_path).write_text("{ // mine\n}", encoding="utf-8")
    with pytest.raises(ConfigError, match="plain JSON"):
        plans("pi", tmp_path, found, ROUTER)
    assert not file_of("pi", "models.json", tmp_path).exists()
