"""The README's sheet: fresh, narrow enough, and every snippet runs as pasted."""

import subprocess
import sys
import unicodedata

from .notebooks import environment
from .sheet import README, WIDTH, refreshed_readme, rows, setup

ROWS = rows()


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def test_it_is_what_refresh_makes_of_the_notebooks():
    assert README.read_text(encoding="utf-8") == refreshed_readme()


def test_every_row_has_both_sides_and_neighbours_of_about_equal_length():
    assert len(ROWS) == 7
    for row in ROWS:
        then, today = ("\n".join(side).splitlines() for side in (row.then, row.today))
        assert then and today and row.notebook
        assert max(map(columns, then + today)) <= WIDTH, row.title
    assert sum(bool(row.error) for row in ROWS) >= 5


def test_each_side_runs_as_pasted_after_the_setup_lines(base_url: str):
    """In a fresh interpreter, from the first snippet to the last, nothing else defined."""
    for side in ("then", "today"):
        code = "\n".join([setup(), *("\n".join(getattr(row, side)) for row in ROWS)])
        env = environment(f"sheet-{side}", base_url)
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env=env,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=30,
        )
        assert done.returncode == 0, done.stderr
        assert "では夕焼けは？" in done.stdout
