"""The sheet: made from the notebooks' cells as they are, never typed twice.

A cell with the tag `sheet-N` is part of entry N, Before or Now; one with `error-N` shows error N in
its stored output. Each entry runs alone behind the set-up: the notebooks' first cell, and entry 0.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import nbformat
from openai import APIConnectionError, APITimeoutError

from .notebooks import FOLDER, PATHS, anchor
from .replay import errors
from .replay.now import TABLE
from .words import ERRORS, SAID, TITLES, WITHOUT

FILES = {"en": FOLDER / "sheet.md", "ja": FOLDER / "ja" / "sheet.md"}
SIDES = ("Before", "Now")
TODAYS = ("client.conversations.", "client.responses.")
# A notebook awaits, a program runs.
AWAITED = re.compile(r"^await (.*)  # in a program: (.*)$", re.M)
# What no cell can show in peace, and who says so.
SAID_ELSEWHERE = {
    4: (errors.conversation_locked(), "quoted from users' reports"),
    9: (errors.rate_limit("gpt-6-luna"), "quoted from users' reports"),
    10: (APIConnectionError, "the SDK's own words"),
    11: (APITimeoutError, "the SDK's own words"),
}


INTRODUCTION = {
    "en": (
        "The sheet",
        "A program's life, call by call. **Before** is the API that was shut down on 26 August"
        " 2026. **Now** is what replaces it. Each entry runs alone behind the set-up. The lines are"
        " cells of the [notebooks](../README.md#the-notebooks): every one of them is run and"
        " compared.\n\n"
        "To run an entry, paste the set-up (its first block, and Before or Now) and the entry into"
        " a file, and start it beside the server:"
        " `.venv/bin/python -m tests.replay python my_file.py`",
    ),
    "ja": (
        "チートシート",
        "プログラムに必要な呼び出しを、使う順に並べました。**以前**は2026年8月26日に終了した API、"
        "**現在**はその代わりの API です。どの項目も、準備のコードの後に単独で動きます。"
        "コードはどれも"
        "[ノートブック](README.md#ノートブック)のセルで、実行して結果を照合してあります。\n\n"
        "実行するには、準備のコード（最初のブロックと、以前または現在）と項目のコードを1つのファイルに貼り、"
        "再生サーバーと一緒に起動します：`.venv/bin/python -m tests.replay python my_file.py`",
    ),
}


@dataclass
class Entry:
    """One entry: its cells on each side, and the notebook that says more."""

    number: int
    cells: dict[str, list[str]] = field(default_factory=lambda: {side: [] for side in SIDES})
    notebook: str = ""

    def code(self, side: str) -> str:
        """Its code on a side, "" where there was no such call."""
        parts = "\n".join(self.cells[side])
        return AWAITED.sub(r"\2  # in a notebook: await \1", parts)


def tagged(word: str) -> Iterator[tuple[int, nbformat.NotebookNode, str]]:
    """The cells with a tag of a kind: its number, the cell, its notebook's name."""
    for path in PATHS:
        for cell in nbformat.read(path, as_version=4).cells:
            for tag in cell.metadata.get("tags", ()):
                if found := re.fullmatch(rf"{word}-(\d+)", tag):
                    yield int(found[1]), cell, path.name


@cache
def entries() -> list[Entry]:
    """The sheet's entries, in order."""
    found = {number: Entry(number) for number in TITLES}
    for number, cell, notebook in tagged("sheet"):
        entry, side = found[number], side_of(cell.source, notebook)
        entry.cells[side].append(cell.source)
        if side == "Now":
            entry.notebook = notebook
    return list(found.values())


def side_of(source: str, notebook: str) -> str:
    """Before or Now. What calls nothing belongs to the recipes, or to the old program of 06."""
    if "client.beta." in source:
        return "Before"
    return "Now" if notebook == PATHS[-1].name or any(c in source for c in TODAYS) else "Before"


def setup() -> str:
    """The notebooks' first cell."""
    cells = nbformat.read(PATHS[0], as_version=4).cells
    return next(cell.source for cell in cells if cell.id == "setup")


def say(word: str, language: str) -> str:
    """One of the sheet's words."""
    return SAID[word] if language == "ja" else word


def http(code: str) -> str:
    """The HTTP lines of some code's calls, without the API's host and version."""
    lines = {row.before: f"{route.replace(' ', ' /')}" for route, row in TABLE.items()}
    lines |= {row.now: row.http for row in TABLE.values()}
    calls = re.findall(r"client\.([\w.]+?)(?:_and_poll|_poll)?\(", code)
    return ", ".join(dict.fromkeys(lines[call] for call in calls if call in lines))


@cache
def seen(number: int) -> str:
    """The first words of an error, as a program that meets it sees them."""
    if number in SAID_ELSEWHERE:
        error = SAID_ELSEWHERE[number][0]
        if isinstance(error, errors.ApiError):
            body = error.body["error"]
            return short(f"{error.status} {body['code']}", body["message"])
        return short(error.__name__, error(request=None).message)
    printed = next(cell.outputs[0].text for n, cell, _ in tagged("error") if n == number)
    first, message = printed.splitlines()[:2]
    return short(" ".join(first.replace(" None", "").split()[:2]), message)


def short(code: str, message: str) -> str:
    """Status and code, and the first words of a message."""
    words = message.split()
    return f"`{code}` {' '.join(words[:8])}{' …' if len(words) > 8 else ''}"


def errors_of_today(language: str) -> list[list[str]]:
    """The rows of the table: what you see, why, what to do."""
    pick = 1 if language == "ja" else 0
    rows = []
    for number, (why, do) in ERRORS.items():
        sees = seen(number)
        if number in SAID_ELSEWHERE:
            sees += (" ({})", "（{}）")[pick].format(say(SAID_ELSEWHERE[number][1], language))
        rows.append([sees, why[pick], do[pick]])
    return rows


def sheet(language: str = "en") -> str:
    """The sheet in Markdown."""
    pick = 1 if language == "ja" else 0
    titles = [TITLES[entry.number][pick] for entry in entries()]
    heads = INTRODUCTION[language]
    index = " · ".join(
        f"[{title}](#{anchor(title)})" for title in [*titles, say("Errors", language)]
    )
    out = [f"# {heads[0]}\n\n{heads[1]}\n\n{index}\n"]
    for title, entry in zip(titles, entries(), strict=True):
        out.append(f"## {title}\n")
        if entry.number == 0:
            out.append(block(setup()))
        for side in SIDES:
            out.append(f"**{say(side, language)}** {about(entry, side, language)}\n")
            if entry.code(side):
                out.append(block(entry.code(side)))
    names = [say(name, language) for name in ("What you see", "Why", "What to do")]
    rows = [names, ["---"] * 3, *errors_of_today(language)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    out.append(f"## {say('Errors', language)}\n\n{table}\n")
    return "\n".join(out)


def about(entry: Entry, side: str, language: str) -> str:
    """What stands beside the name of a side: its HTTP lines, and the way to the notebook."""
    if not entry.code(side):
        return WITHOUT[entry.number][language == "ja"]
    lines = http(entry.code(side))
    name = f"[{say('notebook ', language)}{entry.notebook[:2]}]({entry.notebook})"
    more = name if side == "Now" and entry.number else ""
    return " · ".join(filter(None, (f"`{lines}`" if lines else "", more)))


def block(source: str) -> str:
    """A block of Python."""
    return f"```python\n{source}\n```\n"
