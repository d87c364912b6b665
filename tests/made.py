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
from pathlib import Path

import nbformat

from .notebooks import FOLDER, PATHS, PLACE, environment
from .replay import recordings
from .replay.api import Replay
from .replay.now import FIELDS, TABLE
from .replay.report import Report
from .replay.server import serving
from .sheet import block, entries, say, setup
from .words import GLOSSARY, NOTES

READMES = {  # and their language
    FOLDER.parent / "README.md": "en",
    FOLDER / "README.md": "en",
    FOLDER / "ja" / "README.md": "ja",
}
PROGRAM = ("program-function", "program-old")  # the cells of 06 whose report is shown


def lines(language: str) -> str:
    """What most people want: create, ask, follow up."""
    wanted = {entry.number: entry for entry in entries()}
    return block("\n".join(wanted[number].code("Now") for number in (0, 3)))


def calls(language: str) -> str:
    """Each call of the old API, and what replaces it; neighbours that nothing replaces as one."""
    rows = [[say(word, language) for word in ("Before", "Now", "What differs")], ["---"] * 3]
    for _, group in groupby(TABLE.items(), lambda item: item[1].now or parent(item[1].before)):
        (route, first), *others = group
        names = [first.before, *(f".{row.before.rpartition('.')[2]}" for _, row in others)]
        before = ", ".join(f"`{name}`" for name in names)
        before += "" if others else f"<br>{route.replace(' ', ' /')}"
        today = f"`{first.now}`<br>{first.http}" if first.now else say("no call", language)
        notes = dict.fromkeys([first.note, *(row.note for _, row in others)])
        said = [NOTES[note] if language == "ja" else note for note in notes]
        rows.append([before, today, "; ".join(said) if language == "en" else "。".join(said)])
    return table(rows)


def parent(call: str) -> str:
    """What a call is a method of."""
    return call.rpartition(".")[0]


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


def answers(language: str) -> str:
    """The answer sheet: the folded solutions of all exercises."""
    out = []
    for path in PATHS:
        cells = nbformat.read(path, as_version=4).cells
        for title, cell in zip(cells, cells[2:], strict=False):
            if cell.id.startswith("solution"):
                name = re.search(r"^\*\*(\d.*?)\*\*", title.source, re.M)[1]
                code = re.search(r"```python\n.*?```\n", cell.source, re.S)[0]
                out.append(f"**{path.stem[:2]}, {name}**\n\n{code}")
    return "\n".join(out)


def glossary(language: str) -> str:
    """The terms in both languages, and what they mean."""
    if language == "ja":
        heads = ["English", "用語", "意味"]
        return table([heads, ["---"] * 3, *([*terms, said] for terms, _, said in GLOSSARY)])
    return table(
        [["Term", "用語", "Meaning"], ["---"] * 3, *([*t, said] for t, said, _ in GLOSSARY)]
    )


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
    "answers": answers,
    "glossary": glossary,
}


def refreshed_readme(path: Path) -> str:
    """A README with today's texts in their places."""
    readme, language = path.read_text(encoding="utf-8"), READMES[path]
    return PLACE.sub(lambda at: f"{at[1]}{MADE[at[2]](language)}{at[4]}", readme)


def refreshed_cells(notebook: nbformat.NotebookNode, language: str) -> None:
    """Put today's texts into a notebook's cells."""
    for cell in notebook.cells:
        if cell.id.startswith("made-"):
            cell.source = MADE[cell.id.removeprefix("made-")](language).rstrip("\n")
