"""Pictures of the report on the example proxy, light and dark, for docs/report.md."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from chromium import PROGRAM, Page, chromium
from loopback import homes

from litellm_discover.io.example_proxy import example_proxy

DOCS = Path(__file__).parents[2] / "docs" / "report"
LIMIT_S = 20
WIDTH, HEIGHT = 1280, 940


def main() -> None:
    """Write light.png and dark.png."""
    if PROGRAM is None:
        sys.exit("make: Chromium is needed for the pictures (Debian: apt-get install chromium)")
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        report = _report(Path(folder))
        with chromium(Path(folder) / "profile") as page:
            page.look(WIDTH, HEIGHT, "light")
            page.open(report.as_uri())
            page.shot(DOCS / "light.png")
            page.look(WIDTH, HEIGHT, "dark")
            page.open(report.as_uri())
            _look_into(page)
            page.shot(DOCS / "dark.png")


def _report(root: Path) -> Path:
    """The report as a person gets it, at the port that a proxy usually has."""
    with example_proxy() as (port, key):
        line = [str(Path(sys.executable).with_name("litellm-discover")), "report", "--url", f"http://127.0.0.1:{port}"]
        env = {**homes(root), "PATH": os.environ["PATH"], "LITELLM_API_KEY": key}
        done = subprocess.run(  # noqa: S603 - our own program
            line, cwd=root, env=env, capture_output=True, text=True, timeout=LIMIT_S, check=True
        )
    path = Path(done.stdout.strip())
    path.write_text(path.read_text("utf-8").replace(f"127.0.0.1:{port}/", "127.0.0.1:4000/"), "utf-8")
    return path


def _look_into(page: Page) -> None:
    """Searched, sorted by price, one model open, and the mouse over a value of it."""
    page.run("document.getElementById('search').focus()")
    page.type("gpt")
    page.run("document.querySelectorAll('#models thead button')[7].click()")
    page.run("[...document.querySelectorAll('#models th a')].find((link) => link.textContent === 'GPT-5.4').click()")
    page.run("document.querySelector('.detail').previousSibling.cells[1].dataset.picture = ''")
    page.point_at("[data-picture]")


if __name__ == "__main__":
    main()
