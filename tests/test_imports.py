"""The house: imports go one way, and what a browser runs needs no server."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

from . import replay

TESTS = Path(__file__).resolve().parent
REPLAY = TESTS / "replay"
# Written once, in the package's own text: each line's modules, and behind them what they are for.
FLOORS = "\n".join(
    line.strip().split("   ")[0] for line in replay.__doc__.splitlines() if line.startswith("    ")
)
# Inside `resources`, likewise.
RULES = """
__init__
seeds
runs responses threads conversations
messages items
assistants models
tools vector_stores history
files
shared
"""


def imported(file: Path) -> set[str]:
    """The names of the modules of this package that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            module = (node.module or "").split(".")[0]
            found |= {module} if module else {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
            found.add(node.module.split(".")[-1])
    return found


def upwards(files: dict[str, Path], floors: str) -> list[str]:
    """The imports that do not go down."""
    names = floors.split()
    assert sorted(files) == sorted(names)
    return [
        f"{name} -> {other}"
        for name, file in files.items()
        for other in imported(file) & set(names)
        if names.index(other) <= names.index(name)
    ]


def test_imports_go_one_way():
    files = {path.stem: path for path in REPLAY.glob("*.py") if path.stem != "__init__"}
    rules = {path.stem: path for path in REPLAY.glob("resources/*.py")}
    files["resources"] = rules["__init__"]
    assert upwards(files, FLOORS) == []
    assert upwards(rules, RULES) == []
    for name, path in rules.items():
        above = FLOORS.partition("\nresources")[0].split()
        assert not imported(path) & set(above), name


def test_the_api_runs_without_a_server():
    """A later floor is a browser tab, where there is neither tornado nor a socket."""
    code = "import sys, tests.replay.api; print([m for m in ('tornado', 'httpx2', 'openai')"
    code += " if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPLAY.parents[1], capture_output=True)
    assert done.stdout.decode().strip() == "[]", done.stderr


def named(file: Path, modules: set[str]) -> set[str]:
    """Those of the modules that a file imports, anywhere in it."""
    here = file.relative_to(TESTS.parent).parts
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            above = here[: -node.level] if node.level else ()
            module = ".".join(filter(None, [*above, node.module]))
            names = (f"{module}.{alias.name}" for alias in node.names)
            found |= {name if name in modules else module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & modules


def test_no_imports_go_in_a_circle():
    """Below `tests`: each module can be read and loaded without what uses it."""
    files = {}
    for path in TESTS.rglob("*.py"):
        name = ".".join(path.relative_to(TESTS.parent).with_suffix("").parts)
        files[name.removesuffix(".__init__")] = path
    graph = {name: named(path, files.keys()) for name, path in files.items()}
    assert graph["tests.browser.site"] >= {"tests.browser.page", "tests.site.__main__"}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle
