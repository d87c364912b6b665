"""The README's sheet: fresh, two-sided, narrow enough, and both programs run as pasted."""

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

from .help import WAIT
from .notebooks import environment
from .sheet import README, program, refreshed_readme, rows

ROWS = rows()
TEXT = README.read_text(encoding="utf-8")
WIDTH = 88  # columns; what fits into GitHub's 830 px, as `tests.browser readmes` measures


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def test_it_is_what_refresh_makes_of_the_notebooks():
    assert refreshed_readme() == TEXT


def test_every_row_has_both_sides_and_today_comes_first():
    assert len(ROWS) == 10
    for row in ROWS:
        assert row.then and row.today and row.notebook
        assert TEXT.index(row.today[0]) < TEXT.index(row.then[0]), row.title
    assert sum(bool(row.error) for row in ROWS) >= 5


def test_no_line_is_too_wide():
    for side in ("today", "then"):
        assert max(map(columns, program(side).splitlines())) <= WIDTH


def test_it_has_what_people_paste():
    today = program("today")
    for word in ("output_text", "instructions=", "items.delete", "get_next_page", "request_id"):
        assert word in today, word
    for word in ("instructions=", "messages.delete", "get_next_page", "request_id"):
        assert word in program("then"), word


def test_each_side_is_a_program_that_runs_as_pasted(base_url: str, tmp_path: Path):
    """From the README's own text, in a fresh interpreter; its question has a recorded reply."""
    running = []
    for side in ("today", "then"):
        title = f"<summary>All of {side.capitalize()} as one program</summary>"
        pasted = re.search(rf"{title}\n+```python\n(.*?)```", TEXT, re.S)[1]
        assert pasted.strip() == program(side)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        env = environment(f"sheet-{side}", base_url)
        file = tmp_path / f"{side}.py"
        file.write_text(pasted, encoding="utf-8")
        running.append(subprocess.Popen([sys.executable, file], env=env, **pipes))
    for process in running:
        printed, complained = process.communicate(timeout=WAIT)
        assert (process.returncode, complained) == (0, "")
        assert "(A sample, not a model's words.)" in printed
        assert "では夕焼けは？" in printed
        assert re.search(r"^404 .*\nreq_\w+\n\Z", printed, re.M)
