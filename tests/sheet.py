"""The sheet: made from the notebooks' cells as they are, never typed twice.

A cell with the tag `sheet-N-title` is part of row N: of Today if it calls a successor, else of
Then. A cell with the tag `sheet-N-title-error-when` gives the error to expect then, from its stored
output. The rows of one side, one after the other behind the setup cell, are a program.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import nbformat

from .notebooks import FOLDER, PATHS, PLACE, anchor

README = FOLDER.parent / "README.md"
READMES = {"en": README, "ja": FOLDER / "ja" / "README.md"}
# What the sheet says in Japanese. A row or an error that is not here yet stops the making.
JAPANESE = {
    "Create": "作成",
    "Question and answer": "質問と回答",
    "Add a message": "メッセージの追加",
    "Read back": "読み出し",
    "Read page by page": "ページごとの読み出し",
    "Retrieve": "取得",
    "Modify": "修正",
    "Delete a message": "メッセージの削除",
    "Delete": "削除",
    "Catch an error": "エラーを捕まえる",
    "With a wrong key": "APIキーが間違っているとき",
    "While a run is active": "ランの実行中",
    "With an unknown id": "id が見つからないとき",
    "With a number as value": "値が数値のとき",
    "The second time": "2回目の削除",
    "Today": "現在",
    "Then": "以前",
    "more": "詳しく",
    "All of Today as one program": "「現在」のすべてを1つのプログラムで",
    "All of Then as one program": "「以前」のすべてを1つのプログラムで",
}
NEXT = ("client.conversations.", "client.responses.")


@dataclass
class Row:
    """One operation: its cells on each side, the error to expect, its notebook."""

    title: str = ""
    notebook: str = ""
    today: list[str] = field(default_factory=list)
    then: list[str] = field(default_factory=list)
    error: tuple[str, str] | None = None  # when, and what is said then


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
                    row.error = when.replace("-", " ").capitalize(), said
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


def in_(language: str) -> Callable[[str], str]:
    """What turns the sheet's words into a language, "en" or "ja"."""
    return JAPANESE.__getitem__ if language == "ja" else str


def program(side: str, language: str = "en") -> str:
    """All of one side, "today" or "then", as a program."""
    say = in_(language)
    parts = [setup()]
    for row in rows():
        cells = "\n".join(getattr(row, side))
        parts.append(f"# {say(row.title)}\n{cells}")
    return "\n\n".join(parts)


def http(cells: list[str], table: dict[str, str]) -> str:
    """The HTTP lines of some cells' calls. table: HTTP line by call."""
    calls = re.findall(r"client\.([\w.]+)\(", "\n".join(cells))
    return ", ".join(f"`{table[call]}`" for call in dict.fromkeys(calls))


def sheet(language: str = "en") -> str:
    """The sheet in Markdown; the HTTP lines are those of the English README's migration table."""
    say = in_(language)
    table = README.read_text(encoding="utf-8")
    table = dict(re.findall(r"`([\w.]+)`<br>([A-Z]+ [^ |]+)", table))
    titles = [say(row.title) for row in rows()]
    index = " · ".join(f"[{title}](#{anchor(title)})" for title in titles)
    folder = "notebooks/" if language == "en" else ""
    out = [code(setup()), f"{index}\n"]
    for title, row in zip(titles, rows(), strict=True):
        more = f"[{say('more')}]({folder}{row.notebook})"
        out += [
            f"### {title}\n",
            f"**{say('Today')}** {http(row.today, table)} · {more}\n",
            code("\n".join(row.today)),
            f"**{say('Then')}** {http(row.then, table)}\n",
            code("\n".join(row.then)),
        ]
        if row.error:
            when, error = row.error
            out.append(f"{say(when)}: {error}\n")
    for side in ("today", "then"):
        title = say(f"All of {side.capitalize()} as one program")
        summary = f"<summary>{title}</summary>"
        out += [f"<details>\n{summary}\n", code(program(side, language)), "</details>\n"]
    return "\n".join(out)


def code(source: str) -> str:
    """A code block."""
    return f"```python\n{source}\n```\n"


def refreshed_readme(language: str = "en") -> str:
    """A README with today's sheet in its place."""
    readme = READMES[language].read_text(encoding="utf-8")
    return PLACE.sub(lambda found: found[1] + sheet(language) + found[3], readme)
