"""The report: one page of HTML with everything that was found, which needs nothing but itself."""

from __future__ import annotations

from litellm_discover.core.report.page import BEGINNING, Parts, Report, render

__all__ = ["BEGINNING", "Parts", "Report", "render"]
