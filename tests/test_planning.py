"""The models that a tool starts with: the plan for its file, to the byte."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from catalogs import catalog, model

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
