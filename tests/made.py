"""Texts that `tests.refresh` makes: the lines and tables of a README, two cells of notebook 06.

In a README a text stands between `<!-- made by tests.refresh: NAME -->` and `<!-- end -->`; in a
notebook it is the cell with the id `made-NAME`.
"""

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import groupby

import nbformat

from .notebooks import FOLDER, PATHS, PLACE, environment
from .replay import recordings
from .replay.api import Replay
from .replay.now import FIELDS, TABLE
from .replay.report import Report
from .replay.server import serving
from .sheet import block, entries, say, setup
from .words import NOTES

READMES = {"en": FOLDER.parent / "README.md", "ja": FOLDER / "ja" / "README.md"}
PROGRAM = ("program-function", "program-old")  # the cells of 06 whose report is shown


def lines(language: str) -> str:
    """What most people want: create, ask, follow up."""
    wanted = {entry.number: entry for entry in entries()}
    return block("\n".join(wanted[number].code("Now") for number in (0, 3)))


def calls(language: str) -> str:
    """Each call of the old API, and what replaces it; neighbours with the same answer as one."""
    rows = [[say(word, language) for word in ("Before", "Now", "What differs")], ["---"] * 3]
    for (now, note), group in groupby(TABLE.items(), lambda item: (item[1].now, item[1].note)):
        same = list(group)
        names = [same[0][1].before, *(f".{row.before.rpartition('.')[2]}" for _, row in same[1:])]
        before = ", ".join(f"`{name}`" for name in names)
        before += f"<br>{same[0][0].replace(' ', ' /')}" if len(same) == 1 else ""
        today = f"`{now}`<br>{same[0][1].http}" if now else say("no call", language)
        rows.append([before, today, NOTES[note] if language == "ja" else note])
    return table(rows)


def fields(language: str) -> str:
    """What became of a field, a value or an event."""
    heads = [[say(word, language) for word in ("Before", "Now")], ["---"] * 2]
    if language == "ja":
        return table(
            [*heads, *([NOTES.get(name, name), NOTES[now]] for name, now in FIELDS.items())]
        )
    return table([*heads, *map(list, FIELDS.items())])


def report(language: str) -> str:
    """What `--report` writes of the old program of notebook 06, from its summary and its calls;
    headings as bold lines."""
    summary, _, calls = _report().partition("\n\n")[2].partition("\n\n")
    calls = calls[calls.index("\n## ") : calls.index("\n<details>")]
    return f"{summary}\n" + re.sub(r"^## (.*)$", r"**\1**", calls, flags=re.M).rstrip()


@cache
def _report() -> str:
    cells = {cell.id: cell for cell in nbformat.read(PATHS[5], as_version=4).cells}
    program = "\n".join([setup(), *(cells[id].source for id in PROGRAM)])
    replay, kept = Replay(recordings.load()), Report()
    replay.observers.append(kept)
    with serving(replay) as base_url:
        env = environment("report", base_url)
        subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=True)
    return kept.text()


def table(rows: list[list[str]]) -> str:
    """A table in Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


MADE: dict[str, Callable[[str], str]] = {
    "lines": lines,
    "calls": calls,
    "fields": fields,
    "report": report,
}


def refreshed_readme(language: str) -> str:
    """A README with today's texts in their places."""
    readme = READMES[language].read_text(encoding="utf-8")
    return PLACE.sub(lambda at: f"{at[1]}{MADE[at[2]](language)}{at[4]}", readme)


def refreshed_cells(notebook: nbformat.NotebookNode, language: str) -> None:
    """Put today's texts into a notebook's cells."""
    for cell in notebook.cells:
        if cell.id.startswith("made-"):
            cell.source = MADE[cell.id.removeprefix("made-")](language).rstrip("\n")
