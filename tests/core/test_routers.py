from __future__ import annotations

from typing import Any

import pytest

from litellm_discover.core.payloads import DESCRIBED
from litellm_discover.core.routers import Router, judged, routers
from litellm_discover.core.rows import RowReader

ROUTER = "auto_router/complexity_router"


def described(*entries: tuple[str, str, Any]) -> Any:
    """Rows of these models, with the model that each calls and what its description says of health checks."""
    reader = RowReader(DESCRIBED)
    for name, backend, flag in entries:
        info = {} if flag is None else {"disable_background_health_check": flag}
        reader.add({"model_name": name, "litellm_params": {"model": backend}, "model_info": info})
    return reader.rows()


def test_which_are_routers_and_which_are_left_out() -> None:
    """By what LiteLLM calls, in the proxy's order; only true leaves one out, and each deployment of it has to be."""
    rows = described(
        ("b", ROUTER, True),
        ("auto_router/x", "openai/x", True),
        ("a", "auto_router/adaptive_router", None),
        ("c", ROUTER, "true"),
        ("twice", ROUTER, True),
        ("twice", ROUTER, False),
    )
    found = {router.id: router.unchecked for router in routers(rows)}
    assert [*found.items()] == [("b", True), ("a", False), ("c", False), ("twice", False)]
    assert routers(None) == ()


LEFT_OUT, CHECKED = Router("out", unchecked=True), Router("in", unchecked=False)


@pytest.mark.parametrize(
    ("known", "version", "severity", "text"),
    [
        ((LEFT_OUT,), "1.86.2", "info", "1 router (out), all left out of background health checks"),
        ((LEFT_OUT,), None, "info", "1 router (out), all left out"),
        ((LEFT_OUT, CHECKED), "1.86.2", "warning", "before LiteLLM 1.100: in"),
        ((CHECKED,), "1.99.4", "warning", "before LiteLLM 1.100: in"),
        ((CHECKED,), None, "warning", "before LiteLLM 1.100: in"),
        (
            (LEFT_OUT, CHECKED),
            "1.100.0",
            "info",
            "2 routers (out, in), 1 left out of health checks; others are as healthy",
        ),
        ((CHECKED,), "1.106.2", "info", "1 router (in), 0 left out of health checks"),
    ],
)
def test_what_is_said_of_them(known: tuple[Router, ...], version: str | None, severity: str, text: str) -> None:
    """A warning only where health checks fail; both settings are named where the second one may matter."""
    (finding,) = judged(known, version, "litellm")
    assert (finding.area, finding.severity, finding.about, finding.quotes) == ("models", severity, "litellm", True)
    assert text in finding.message
    matters = "others are as healthy as" not in finding.message
    assert ("health_check_skip_disabled_background_models: true" in finding.hint) == matters
    assert ("disable_background_health_check: true" in finding.hint) == (severity == "warning")


def test_without_routers_nothing_is_said() -> None:
    """Most proxies have none."""
    assert [*judged((), "1.86.2", "litellm")] == []
