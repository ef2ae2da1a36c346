"""The bundled provider catalogs are what the published packages say."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from litellm_discover.core.identity import candidates, find
from litellm_discover.core.limits import per_million
from litellm_discover.io.shelf import BundledShelf

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
CATALOGS = ROOT / "src" / "litellm_discover" / "data" / "catalogs"
LIMIT_S = 120


@pytest.fixture
def tools() -> Path:
    """The folder of the tools, when all that the catalogs are gathered from is there."""
    folder = ROOT / ".tools"
    if not all((folder / tool).is_dir() for tool in ("litellm", "opencode", "pi")):
        if os.environ.get("CI") == "true":
            pytest.fail("the tools are not there")
        pytest.skip("the tools are not there: run `make tools`")
    return folder


def test_gathering_them_again_gives_the_same_bytes(tools: Path, tmp_path: Path) -> None:
    """A failure means that a package or the gathering changed: ``make catalogs`` writes them anew."""
    line = [sys.executable, "-m", "tools.catalogs", str(tmp_path)]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    again = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert again == {path.name: path.read_bytes() for path in CATALOGS.iterdir()}


@pytest.mark.parametrize("stated", [True, False])
def test_what_is_found_for_a_key_of_the_price_map_is_what_the_map_says(*, tools: Path, stated: bool) -> None:
    """No price is another one; a limit is where the map has another for a region, and for two that it has twice."""
    (path,) = tools.glob("litellm/lib/python3*/site-packages/litellm/model_prices_and_context_window_backup.json")
    rows = json.loads(path.read_text("utf-8"), parse_float=Decimal)
    shelf = BundledShelf({})
    prices, limits, other = 0, 0, set()
    for key, row in rows.items():
        if row.get("mode") not in {"chat", "responses", "completion"}:
            continue
        match = find(candidates(key, row["litellm_provider"] if stated else None), shelf)
        if match is None:
            continue
        said = match.layers[0][1]
        if said.cost and row.get("input_cost_per_token"):
            prices += 1
            assert said.cost.input == per_million(Decimal(row["input_cost_per_token"])), key
        if said.limit.context and row.get("max_input_tokens"):
            limits += 1
            if said.limit.context != row["max_input_tokens"] and match.exact:
                other.add(key)
    assert prices > 800
    assert limits > 1000
    assert other == {"gemini-exp-1206", "moonshotai.kimi-k2.5"}
