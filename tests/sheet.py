"""The sheet: made from the notebooks' cells as they are, never typed twice.

A cell with the tag `sheet-N-title` is part of row N: of Today if it calls a successor, else of
Then. A cell with the tag `sheet-N-title-error-when` gives the error to expect then, from its stored
output. The rows of one side, one after the other behind the setup cell, are a program.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import nbformat

from .notebooks import FOLDER, PATHS

README = FOLDER.parent / "README.md"
PLACE = re.compile(r"(<!-- sheet: made by tests.refresh -->\n).*?(<!-- end of sheet -->)", re.S)
NEXT = ("client.conversations.", "client.responses.")


@dataclass
class Row:
    """One operation: its cells on each side, the error to expect, its notebook."""

    title: str = ""
    notebook: str = ""
    today: list[str] = field(default_factory=list)
    then: list[str] = field(default_factory=list)
    error: str = ""


def rows() -> list[Row]:
    """The sheet's rows, in order."""
    found: dict[int, Row] = defaultdict(Row)
    for path in PATHS:
        for cell in nbformat.read(path, as_version=4).cells:
            for tag in cell.metadata.get("tags", ()):
                if not (parts := re.fullmatch(r"sheet-(\d+)-(.*)", tag)):
                    continue
                number, title = parts.groups()
                row = found[int(number)]
                title, error, when = title.partition("-error-")
                if error:
                    said = " ".join(cell.outputs[0].text.split()).replace(" None ", " ", 1)
                    row.error = f"{when.replace('-', ' ').capitalize()}: {said}"
                    continue
                row.title = title.replace("-", " ").capitalize()
                row.notebook = row.notebook or path.name
                successor = any(call in cell.source for call in NEXT)
                (row.today if successor else row.then).append(cell.source)
    return [found[number] for number in sorted(found)]


def setup() -> str:
    """The notebooks' setup cell."""
    cells = nbformat.read(PATHS[0], as_version=4).cells
    return next(cell.source for cell in cells if cell.id == "setup")


def program(side: str) -> str:
    """All of one side, "today" or "then", as a program."""
    parts = [setup()]
    for row in rows():
        cells = "\n".join(getattr(row, side))
        parts.append(f"# {row.title}\n{cells}")
    return "\n\n".join(parts)


def http(cells: list[str], table: dict[str, str]) -> str:
    """The HTTP lines of some cells' calls. table: HTTP line by call."""
    calls = re.findall(r"client\.([\w.]+)\(", "\n".join(cells))
    return ", ".join(f"`{table[call]}`" for call in dict.fromkeys(calls))


def sheet(readme: str) -> str:
    """The sheet, in the README's Markdown; the HTTP lines are those of its migration table."""
    table = dict(re.findall(r"`([\w.]+)`<br>([A-Z]+ [^ |]+)", readme))
    index = " · ".join(f"[{row.title}](#{anchor(row.title)})" for row in rows())
    out = [code(setup()), f"{index}\n"]
    for row in rows():
        out += [
            f"### {row.title}\n",
            f"**Today** {http(row.today, table)} · [more](notebooks/{row.notebook})\n",
            code("\n".join(row.today)),
            f"**Then** {http(row.then, table)}\n",
            code("\n".join(row.then)),
        ]
        if row.error:
            out.append(f"{row.error}\n")
    for side in ("today", "then"):
        title = f"<summary>All of {side.capitalize()} as one program</summary>"
        out += [f"<details>\n{title}\n", code(program(side)), "</details>\n"]
    return "\n".join(out)


def code(source: str) -> str:
    """A code block."""
    return f"```python\n{source}\n```\n"


def anchor(heading: str) -> str:
    """The id that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")


def refreshed_readme() -> str:
    """The README with today's sheet in its place."""
    readme = README.read_text(encoding="utf-8")
    return PLACE.sub(lambda found: found[1] + sheet(readme) + found[2], readme)
