"""The README: its commands, links and claims."""

import re
from operator import attrgetter

import nbformat
import pytest
from openai import OpenAI

from .notebooks import FOLDER, PATHS

ROOT = FOLDER.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^#+ (.*)", README, re.M)


def test_links_resolve():
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target
    headings = [re.sub(r"[^\w\- ]", "", h).lower().replace(" ", "-") for h in HEADINGS]
    for anchor in re.findall(r"\]\(#([^)]+)\)", README):
        assert anchor in headings


def test_every_notebook_is_in_the_table():
    for path in PATHS:
        assert f"](notebooks/{path.name})" in README


def test_the_test_command_is_the_one_that_ci_runs():
    command = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -m1 -E '(.*)' README.md", command)[1]
    assert len(re.findall(pattern, README, re.M)) == 1


def test_nothing_else_stands_at_the_top_level():
    allowed = {"LICENSE", "README.md", "notebooks", "requirements.txt", "tests"}
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found == allowed


def test_settings_are_ascii():
    for name in (".env.example", ".pytest.ini", ".ruff.toml", ".gitignore", "requirements.txt"):
        assert (ROOT / name).read_bytes().isascii()


MIGRATION = re.search(r"## Threads to Conversations\n(.*?)\n## ", README, re.S)[1]
CALLS = re.findall(r"`client\.([\w.]+)`", MIGRATION)


@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_the_migration_table_is_in_the_sdk_and_run_in_a_notebook(call: str):
    attrgetter(call)(OpenAI(api_key="sk-none"))
    cells = [cell for path in PATHS for cell in nbformat.read(path, as_version=4).cells]
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert re.search(rf"client\.{re.escape(call)}\(", code.replace("with_raw_response.", ""))


def test_the_migration_table_has_a_row_an_operation():
    rows = [line.split("|") for line in MIGRATION.splitlines() if line.startswith("| `")]
    assert len(rows) == 9
    for _, then, _, differs, _ in rows:
        assert re.search(r"(GET|POST|DELETE) /v1/", then)
        assert differs.strip()
