"""The sheet: fresh, narrow, and each entry runs as pasted: alone, and all together."""

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from .help import WAIT
from .notebooks import environment
from .sheet import FILES, SIDES, entries, errors_of_today, seen, setup, sheet
from .site.pages import WIDTH
from .words import ERRORS, TITLES

TEXT = FILES["en"].read_text(encoding="utf-8")
PAIRED = range(16)  # the entries that the old API had a call for
ALONE = [(n, side) for n in TITLES for side in SIDES if n and (side == "Now" or n in PAIRED)]


@pytest.mark.parametrize("language", FILES)
def test_it_is_what_refresh_makes_of_the_notebooks(language: str):
    assert sheet(language) == FILES[language].read_text(encoding="utf-8")


def test_every_entry_is_there_before_comes_first_and_only_the_new_ones_are_now_only():
    sections = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S))
    assert list(sections) == [*(english for english, _ in TITLES.values()), "Errors"]
    for entry in entries():
        assert entry.code("Now"), entry.number
        assert bool(entry.code("Before")) == (entry.number in PAIRED), entry.number
        text = sections[TITLES[entry.number][0]]
        assert text.index("**Before**") < text.index("**Now**")
        assert entry.number == 0 or f"]({entry.notebook})" in text


def test_no_line_is_too_wide():
    blocks = [setup(), *(entry.code(side) for entry in entries() for side in SIDES)]
    for line in "\n".join(blocks).splitlines():
        assert sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line) <= WIDTH, line


def pasted(side: str, *titles: str) -> str:
    """What a reader copies of the page: the set-up, and the blocks of some entries."""
    parts = []
    for title in ("Set up", *titles):
        section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## )", TEXT, re.M | re.S)[1]
        before, _, now = section.partition("**Now**")
        shared, _, before = before.partition("**Before**")
        for text in (shared, before if side == "Before" else now):
            parts += re.findall(r"```python\n(.*?)```", text, re.S)
    return "\n".join(parts)


@pytest.mark.parametrize(("number", "side"), ALONE)
def test_each_entry_runs_alone_as_pasted(number: int, side: str, base_url, monkeypatch, capsys):
    """Behind the set-up, and nothing else, with a key of its own; its questions have replies."""
    monkeypatch.setenv("OPENAI_BASE_URL", base_url)
    monkeypatch.setenv("OPENAI_API_KEY", f"sk-sheet-{number}-{side}")
    exec(compile(pasted(side, TITLES[number][0]), TITLES[number][0], "exec"), {})
    assert "no reply" not in capsys.readouterr().out


def test_each_side_runs_as_one_program(base_url: str, tmp_path: Path):
    """In a fresh interpreter: no entry takes away what a later one needs."""
    running = []
    for side in SIDES:
        file = tmp_path / f"{side}.py"
        file.write_text(pasted(side, *(title for title, _ in list(TITLES.values())[1:])), "utf-8")
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        env = environment(f"sheet-{side}", base_url)
        running.append(subprocess.Popen([sys.executable, file], env=env, **pipes))
    for process in running:
        printed, complained = process.communicate(timeout=WAIT)
        assert (process.returncode, complained) == (0, "")
        assert "Both orders are on their way." in printed
        assert "no reply" not in printed


def test_errors_are_shown_as_a_program_meets_them():
    """Each from a stored output; what nobody can have in peace is quoted, and says so."""
    assert len(ERRORS) == 11
    quoted = {
        number for number, row in zip(ERRORS, errors_of_today("en"), strict=True) if " (" in row[0]
    }
    assert quoted == {4, 9, 10, 11}
    for number in ERRORS:
        code, words = re.fullmatch("`(.*?)` (.+)", seen(number)).groups()
        assert re.match("4[0-9][0-9]|API", code)
        assert f"| `{code}` {words}" in TEXT
