"""The README: its commands, links and claims."""

import re

from .notebooks import FOLDER, PATHS

ROOT = FOLDER.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_links_resolve():
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert target.startswith("https://") or (ROOT / target).exists(), target


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
