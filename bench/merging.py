"""Understanding and merging so many models, without the bounds of a run: the program of a case of bench.scale.

Prints the processor seconds of each step as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, TypeVar

from bench.proxy import entries
from litellm_discover.core import catalog as catalogs
from litellm_discover.core import jsonc
from litellm_discover.core.catalog import build_catalog
from litellm_discover.core.model import Proxy
from litellm_discover.core.options import CatalogOptions
from litellm_discover.core.ownership import Present, still_ours
from litellm_discover.core.payloads import DESCRIBED, LISTED
from litellm_discover.core.told import Told
from litellm_discover.sources import litellm
from litellm_discover.targets import TARGETS
from recordings import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from litellm_discover.core.model import Catalog
    from litellm_discover.targets import Target

T = TypeVar("T")

_seconds: dict[str, float] = {}


def main(models: int) -> None:
    """Time each step."""
    catalogs.MAX_OFFERED = catalogs.MAX_WEIGHT = sys.maxsize
    listed, described = entries(models)
    rows = _timed("rows", lambda: (rows_of(LISTED, listed), rows_of(DESCRIBED, described)))
    proxy = Proxy("litellm", "http://127.0.0.1:4000/v1", "1.106.2")
    catalog = _timed("catalog", lambda: build_catalog(Told(proxy, *rows, litellm.MODEL_INFO), CatalogOptions(), {}))
    for target in TARGETS.values():
        _merge_twice(target, catalog)
    print(json.dumps(_seconds))


def _merge_twice(target: Target, catalog: Catalog) -> None:
    text, record = _timed(f"{target.NAME}, first", lambda: _merge(target, catalog, target.EMPTY_FILE, {}))
    again, _ = _timed(f"{target.NAME}, again", lambda: _merge(target, catalog, text, record))
    if again != text:
        raise AssertionError("a second merge changed something")


def _merge(target: Target, catalog: Catalog, text: str, record: dict[Any, Any]) -> tuple[str, dict[Any, Any]]:
    document = jsonc.read(text)
    merge = target.merge(Present(document.value, still_ours(document, record)), catalog)
    return jsonc.revise(document, merge.edits).text, {path: (digest,) for path, digest in merge.record.items()}


def _timed(name: str, step: Callable[[], T]) -> T:
    started = time.process_time()
    result = step()
    _seconds[name] = time.process_time() - started
    return result


if __name__ == "__main__":
    main(int(sys.argv[1]))
