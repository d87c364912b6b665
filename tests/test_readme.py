"""The READMEs: their commands, links and claims."""

import ast
import re
import sys
from operator import attrgetter
from pathlib import Path

import pytest
from openai import OpenAI

from .help import ROOT
from .made import READMES as MADE_READMES
from .made import refreshed_readme
from .notebooks import FOLDER, JAPANESE, PATHS, PLACE, anchor, text_of
from .replay.errors import OPERATIONS_NOT_REPLAYED, PARTS_NOT_REPLAYED
from .replay.now import TABLE
from .replay.recordings import GRADES
from .replay.resources import OTHER_APIS
from .sheet import FILES

README = (ROOT / "README.md").read_text(encoding="utf-8")
INSIDE = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
TEACHING = (FOLDER / "README.md").read_text(encoding="utf-8")
READMES = [folder / "README.md" for folder in (ROOT, FOLDER, FOLDER / "ja", ROOT / "tests")]
TEXTS = {
    path.relative_to(ROOT).as_posix(): path
    for path in [*READMES, *FILES.values(), *PATHS, *JAPANESE]
}


@pytest.mark.parametrize("name", TEXTS)
def test_links_resolve(name: str):
    path = TEXTS[name]
    for target, heading in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", prose(path)):
        if not target.startswith("https://"):
            place = (path.parent / target).resolve() if target else path
            assert place.exists(), target
            assert not heading or heading in headings(place), f"{target}#{heading}"


def prose(path: Path) -> str:
    """A page's text, or a notebook's text cells, without blocks of code."""
    return re.sub(r"^```.*?^```$", "", text_of(path), flags=re.M | re.S)


def headings(path: Path) -> list[str]:
    """What a link may name in a page, as GitHub has it; in a notebook, as Jupyter has it."""
    found = re.findall(r"^#+ (.*)", prose(path), re.M)
    return [h.replace(" ", "-") if path.suffix == ".ipynb" else anchor(h) for h in found]


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 150


def test_what_is_made_of_notebooks_and_server_is_fresh():
    texts = {path: path.read_text(encoding="utf-8") for path in MADE_READMES}
    places = [[found[1] for found in PLACE.findall(text)] for text in texts.values()]
    assert places == [["lines", "calls"], ["answers", "glossary"], ["lines", "calls", "glossary"]]
    assert {path: refreshed_readme(path) for path in texts} == texts


def test_what_is_refused_is_listed_whole():
    """One list decides, and the page is held against it."""
    for name, words in (OPERATIONS_NOT_REPLAYED | PARTS_NOT_REPLAYED).items():
        assert name == "api" or words.split("`{}`")[0].strip() in INSIDE
    for api in OTHER_APIS:
        assert f"`{api}`" in INSIDE


def test_the_grades_are_listed_whole():
    for grade in GRADES:
        assert f"| {grade} |" in INSIDE


def test_every_notebook_is_in_the_table():
    for path in PATHS:
        assert f"](notebooks/{path.name})" in README


def test_the_test_command_is_the_one_that_ci_runs():
    """Two lines, of which both CI files look for the last."""
    last = re.findall(r"^  \.venv/bin/python -m pytest$", README, re.M)
    assert len(last) == 1
    assert re.search(r"^python3 -m venv .* && \\\n" + re.escape(last[0]) + "$", README, re.M)
    for name in (".ci/run", ".github/workflows/test.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert r"grep -B1 -E '^  \.venv/bin/python -m pytest$' README.md" in text


def test_the_test_command_for_windows_is_the_one_that_ci_runs():
    """Three lines; the workflow takes the last and the two before it."""
    lines = README.splitlines()
    at = [i for i, line in enumerate(lines) if line == r".venv\Scripts\python -m pytest"]
    assert len(at) == 1
    assert lines[at[0] - 3] == "```powershell"
    workflow = (ROOT / ".github/workflows/test.yml").read_text(encoding="utf-8")
    assert r"Select-String -Context 2,0 '^\.venv\\Scripts\\python -m pytest$' README.md" in workflow


def test_nothing_else_stands_at_the_top_level():
    allowed = {"LICENSE", "README.md", "notebooks", "requirements.txt", "tests"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found == allowed


def test_the_requirements_name_all_that_is_imported_and_are_exact():
    """But for what the site's own list installs."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    named = {re.fullmatch(r"([\w-]+) == [\d.]+", line)[1].replace("-", "_") for line in lines}
    files = [*(ROOT / "tests").glob("*.py"), *(ROOT / "tests" / "replay").rglob("*.py")]
    modules = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_bytes()))):
        if isinstance(node, ast.Import):
            modules |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules.add(node.module.split(".")[0])
    modules -= {*sys.stdlib_module_names, "tests", "dotenv"}
    assert modules | {"python_dotenv"} <= named


def test_settings_are_ascii():
    for name in (".env.example", ".pytest.ini", ".ruff.toml", ".gitignore", "requirements.txt"):
        assert (ROOT / name).read_bytes().isascii()


def test_the_lines_to_set_are_those_of_the_example():
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines = re.findall(r"^export (OPENAI_BASE_URL=.*|OPENAI_API_KEY=sk-replay.*)", README, re.M)
    assert len(lines) == 2
    for line in lines:
        assert f"\n{line}\n" in example


ROWS = [line.split("|")[1:-1] for line in README.splitlines() if line.startswith("| `beta.")]
CALLS = [call for row in TABLE.values() for call in (row.before, row.now) if call]


@pytest.mark.parametrize("call", dict.fromkeys(CALLS))
def test_every_call_of_the_table_is_in_the_sdk(call: str):
    attrgetter(call)(OpenAI(api_key="sk-none"))


def test_the_table_has_every_operation_and_what_is_lost():
    said = " ".join(cell for row in ROWS for cell in row)
    for row in TABLE.values():
        name = row.before.rpartition(".")[2]
        assert f"`{row.before}`" in said or f"`.{name}`" in said, row.before
        assert row.note in said
    for before, now, differs in ROWS:
        assert before.startswith(" `beta.")
        assert now.strip() == "no call" or re.search(r"`<br>(GET|POST|DELETE) /", now)
        assert differs.strip()


def test_the_paths_of_the_workshop_add_up_to_their_minutes():
    """The blocks, slack included, are the time that the heading promises."""
    paths = re.findall(r"^### (\d+) minutes\n(.*?)(?=^#)", TEACHING, re.M | re.S)
    assert [int(minutes) for minutes, _ in paths] == [60, 20]
    for minutes, text in paths:
        assert sum(map(int, re.findall(r"^\| (\d+) \|", text, re.M))) == int(minutes)
