"""What is published: wheel, sdist, bill of materials, lock and checksums. The same commit gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from tools.release import lock, sbom

from litellm_discover import __version__

ROOT = Path(__file__).parents[2]
LIMIT_S = 300

CHECKSUMS = "SHA256SUMS"


def make(folder: Path, commit: str = "HEAD") -> list[Path]:
    """Put it all into a folder, which is made anew; gives the paths.

    It is made from a commit, not from what lies about in the working directory.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary)
        archive = subprocess.run(
            ["git", "archive", "--format=tar", commit], cwd=ROOT, capture_output=True, check=True, timeout=LIMIT_S
        )
        with tarfile.open(fileobj=BytesIO(archive.stdout)) as content:
            content.extractall(source, filter="data")
        build(source, folder)
    stem = f"{lock.OURS}-{__version__}"
    (folder / f"{stem}.cdx.json").write_text(sbom.render(), "utf-8", newline="\n")
    shutil.copyfile(lock.LOCK, folder / f"{stem}.requirements.txt")
    made = sorted(folder.iterdir())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    (folder / CHECKSUMS).write_text(sums, "utf-8", newline="\n")
    return [*made, folder / CHECKSUMS]


def build(source: Path, folder: Path, *kinds: str) -> None:
    """Build wheel and sdist, or what is asked for, of a source folder. Nothing is fetched for it."""
    # Without this variable hatchling gives every file the same time.
    environ = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    for kind in kinds or ("sdist", "wheel"):
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder.absolute())],
            cwd=source,
            env=environ,
            check=True,
            capture_output=True,
            timeout=LIMIT_S,
        )
