"""The one-page sheet: made from the notebooks' cells, never typed twice.

A cell with the tag `sheet-N-title` is part of row N: on the right if it calls a successor, on both
sides if it calls nothing, else on the left; without the lines that only print. A cell with the tag
`sheet-N-title-error-when` gives the error to expect then, from its stored output.
"""

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, field

import nbformat

from .notebooks import FOLDER, PATHS

README = FOLDER.parent / "README.md"
PLACE = re.compile(r"(<!-- sheet: made by tests.refresh -->\n).*?(<!-- end of sheet -->)", re.S)
NEXT = ("client.conversations.", "client.responses.")
WIDTH = 62  # columns; two such columns are one screen wide


@dataclass
class Row:
    """One operation: its snippets, its HTTP lines, the error to expect, its notebook."""

    title: str = ""
    notebook: str = ""
    then: list[str] = field(default_factory=list)
    today: list[str] = field(default_factory=list)
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
                row.notebook = path.name
                code = snippet(cell.source)
                today = any(call in code for call in NEXT)
                if not today:
                    row.then.append(code)
                if today or "client." not in code:
                    row.today.append(code)
    return [found[number] for number in sorted(found)]


def setup() -> str:
    """The setup lines that the snippets need: those of the notebooks' first cell, no checks."""
    cells = nbformat.read(PATHS[0], as_version=4).cells
    source = next(cell.source for cell in cells if cell.id == "setup")
    wanted = ("import", "from", "load_dotenv()", "warnings.", "MODEL =", "client =")
    lines = [line for line in source.splitlines() if line.startswith(wanted)]
    lines = [line.split("  #")[0].replace(", OpenAIError", "") for line in lines]
    return "\n".join(["\nload_dotenv()" if line == "load_dotenv()" else line for line in lines])


def snippet(source: str) -> str:
    """A cell without its lines that only print a result; a loop that prints stays."""
    lines = source.splitlines()
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.Expr) and ast.unparse(node).startswith("print("):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip()


def http(code: str, table: dict[str, str]) -> str:
    """The HTTP lines of a snippet's calls. table: HTTP line by call."""
    lines = [table[call] for call in re.findall(r"client\.([\w.]+)\(", code)]
    return "<br>".join(line.replace("/v1", "", 1) for line in lines)


def sheet(readme: str) -> str:
    """The sheet, in the README's Markdown; the HTTP lines are those of its migration table."""
    table = dict(re.findall(r"`client\.([\w.]+)`<br>([A-Z]+ [^ |]+)", readme))
    out = ["```python", setup(), "```", "", "<table>", ""]
    for row in rows():
        then, today = "\n".join(row.then), "\n".join(row.today)
        name = f'<a href="notebooks/{row.notebook}">{row.title}</a>'
        out += [
            "<tr>",
            f"<th align='left'>{name}, then: Threads<br><code>{http(then, table)}</code></th>",
            f"<th align='left'>Today: Conversations<br><code>{http(today, table)}</code></th>",
            "</tr><tr><td>",
            f"\n```python\n{then}\n```\n",
            "</td><td>",
            f"\n```python\n{today}\n```\n",
            "</td></tr>",
        ]
        if row.error:
            out.append(f"<tr><td colspan='2'>{row.error}</td></tr>")
    return "\n".join([*out, "</table>", ""])


def refreshed_readme() -> str:
    """The README with today's sheet in its place."""
    readme = README.read_text(encoding="utf-8")
    return PLACE.sub(lambda found: found[1] + sheet(readme) + found[2], readme)
