"""What may import what, and how large things may become."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "litellm_discover"
MODULES = sorted(PACKAGE.rglob("*.py"))

PURE_STDLIB = {
    "__future__", "bisect", "collections", "collections.abc", "dataclasses", "decimal", "enum", "fnmatch", "hashlib",
    "base64", "codecs", "difflib", "functools", "html", "ipaddress", "itertools",
    "json", "math", "re", "string", "tomllib", "typing", "unicodedata", "urllib.parse", "xml.sax.saxutils",
}  # fmt: skip

# Which parts of the package a part may import beside itself.
ALLOWED = {
    "core": {"errors"},
    "sources": {"core", "errors"},
    "targets": {"core", "errors"},
    "io": {"core", "errors"},
    "addresses": {"core", "errors", "sources"},
    "settings": {"addresses", "core", "errors"},
    "own": {"addresses", "core", "errors", "io", "settings", "targets"},
    "configuration": {"core", "errors", "io", "own", "settings", "targets"},
    "writing": {"configuration", "core", "errors", "io", "targets"},
    "rendering": {"core", "io", "settings", "targets"},
    "planning": {"configuration", "core", "errors", "io", "rendering", "targets", "writing"},
    "finding": {"addresses", "core", "errors", "io", "settings", "sources"},
    "registered": {"core", "io", "settings"},
    "personal": {"core", "errors", "finding", "io", "registered", "settings"},
    "remembering": {"core", "errors", "finding", "io", "own", "personal", "rendering", "settings", "targets"},
    "readiness": {
        *("configuration", "core", "errors", "io", "own", "planning", "remembering", "settings", "targets", "writing"),
    },
    "keeping": {
        *("configuration", "core", "errors", "finding", "io", "own", "readiness", "remembering", "settings"),
        "targets",
    },
    "looking": {
        *("addresses", "configuration", "core", "errors", "io", "own", "readiness", "settings", "sources", "targets"),
    },
    "daemon": {"core", "errors", "io", "looking"},
    "service": {"configuration", "core", "errors", "io", "targets"},
    "preparing": {"configuration", "core", "errors", "io", "targets"},
    "installing": {"configuration", "core", "errors", "io", "preparing", "targets"},
    "explaining": {"core", "errors", "finding", "io", "remembering", "rendering", "settings", "targets"},
    "checking_proxies": {"addresses", "core", "errors", "finding", "io", "remembering", "settings", "sources"},
    "checking_agents": {
        *("configuration", "core", "errors", "io", "planning", "remembering", "settings", "targets", "writing"),
    },
    "checking": {
        *("checking_agents", "checking_proxies", "configuration", "core", "errors", "io", "own", "remembering"),
        *("service", "settings"),
    },
    "reporting": {"core", "errors", "io"},
    "probing": {"addresses", "core", "errors", "finding", "io", "own", "personal", "settings"},
    "publishing": {"configuration", "core", "errors", "io", "remembering", "settings"},
    "documents": {
        *("core", "errors", "explaining", "io", "remembering", "rendering", "reporting", "settings", "targets"),
    },
    "api": {"configuration", "core", "errors", "io", "remembering", "settings"},
    "app": {
        *("checking", "configuration", "core", "daemon", "documents", "errors", "explaining", "finding", "installing"),
        *(
            "io",
            "keeping",
            "personal",
            "planning",
            "probing",
            "publishing",
            "readiness",
            "remembering",
            "service",
            "settings",
        ),
        *("targets", "writing"),
    },
    "cli": {"app", "errors", "settings", ""},
    "errors": set(),
    "__main__": {"cli", "io"},
    "__init__": {"api", "core", "errors"},  # at the first use: see __getattr__ there
}

# What the command line shows has types; importing them for the type checker binds nothing at run time.
TYPES_ONLY = {("cli", "core"), ("cli", "io")}


def part_of(module: str) -> str:
    """The part of the package that a dotted name below it belongs to: its first word."""
    return module.split(".", 1)[0]


def imports(path: Path) -> list[tuple[str, bool]]:
    """Every module that a file imports, and whether only for the type checker."""
    tree = ast.parse(path.read_text("utf-8"))
    typed = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    found = []
    package = ["litellm_discover", *path.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, id(node) in typed) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "litellm_discover" else [module]
            found += [(name, id(node) in typed) for name in names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_follow_the_direction_of_the_data(path: Path) -> None:
    """Core knows nobody, targets and sources know core, the shell joins them, and only app is the command line's."""
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for module, typed in imports(path):
        if module == "litellm_discover" or module.startswith("litellm_discover."):
            other = part_of(module.removeprefix("litellm_discover").removeprefix("."))
            if other == "__version__":
                continue
            allowed = other == part or other in ALLOWED[part] or (typed and (part, other) in TYPES_ONLY)
            assert allowed, f"{part} imports {module}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").rglob("*.py")), ids=lambda path: path.stem)
def test_core_is_pure(path: Path) -> None:
    """Nothing in core can reach the network, the clock, the environment or the disk."""
    foreign = {
        module
        for module, typed in imports(path)
        if not typed and not module.startswith("litellm_discover") and module not in PURE_STDLIB
    }
    assert not foreign
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_sizes(path: Path) -> None:
    """A module of more than 250 lines or a function of more than 40 has found a second job."""
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 250
    for node in ast.walk(ast.parse(text)):
        # The one exception: a function whose signature is the list of a command's options.
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (path.name, node.name) != ("main.py", "root"):
            assert (node.end_lineno or 0) - node.lineno < 40, f"{node.name} in {path.name}"


def test_the_program_does_not_import_what_help_does_not_need() -> None:
    """`--version` ends without the network, the table or a validation library."""
    program = "import sys; from litellm_discover.cli.main import main; main(['--version']); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    heavy = {"http.client", "anyio", "rich", "pydantic", "json5", "ssl", "asyncio", "yaml", "tomllib"}
    assert not heavy & set(done.stdout.split())
