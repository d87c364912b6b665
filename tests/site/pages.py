"""The pages around the notebooks: the start page, and the sheet in two languages."""

import hashlib
import html
import json
import re
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import mistune

from tests.notebooks import FOLDER, JAPANESE, PATHS, anchor
from tests.words import SAID, TITLES

from .__main__ import HERE

# The way from each language's sheet to the other.
OTHER = {
    "en": '<a href="ja/sheet.html" lang="ja">日本語</a>',
    "ja": '<a href="../sheet.html" lang="en">English</a>',
}
WIDTH = 64  # letters of a line of the sheet: three columns fit on A4 at 6.5 pt
TABLES = mistune.create_markdown(plugins=["table"])


def start_page() -> str:
    """The page at the site's address."""
    lists = f'{links(PATHS)}\n<h3 id="ja" lang="ja">日本語</h3>\n{links(JAPANESE)}'
    return filled("index.html", {"notebooks": lists, "count": str(len(TITLES) - 1)})


def sheet_page(language: str) -> str:
    """The sheet, made from its Markdown."""
    japanese = language == "ja"
    folder, root = (FOLDER / "ja", "../") if japanese else (FOLDER, "./")
    words = SAID if japanese else {word: word for word in SAID}
    text = (folder / "sheet.md").read_text(encoding="utf-8")
    heads, *sections = re.split(r"^## ", text, flags=re.M)
    title, *introduction, index = heads.removeprefix("# ").strip().split("\n\n")
    errors, _, table = sections.pop().partition("\n\n")
    values = words | {
        "language": language,
        "root": root,
        "start": f"{root}{'#ja' if japanese else ''}",
        "other": OTHER[language],
        "title": title,
        "introduction": mistune.html("\n\n".join(introduction)),
        "index": mistune.html(index),
        "setup": section(sections[0], words),
        "entries": "\n".join(section(text, words) for text in sections[1:]),
        "errors": f'<h2 id="{anchor(errors)}">{errors}</h2>\n{TABLES(table)}',
    }
    page = filled("sheet.html", values)
    page = re.sub(r'href="[./]*README\.md[^"]*"', f'href="{values["start"]}"', page)
    opens = f"{root}{address('ja/' if japanese else '')}"
    return re.sub(r'href="(\w+\.ipynb)"', rf'href="{opens}\1"', page)


def section(text: str, words: dict[str, str]) -> str:
    """An entry: its title, the set-up where it has one, Before and Now."""
    title, _, text = text.partition("\n")
    parts = re.split(rf"^\*\*({words['Before']}|{words['Now']})\*\*", text, flags=re.M)
    before, now = (side(title, *pair, words) for pair in zip(parts[1::2], parts[2::2], strict=True))
    setup = side(title, words["Before and Now"], parts[0], words) if "```" in parts[0] else ""
    kind = "sides" if "```" in parts[2] else "sides only"
    mark = ' class="setup"' if setup else ""
    return (
        f'<section{mark}>\n<h2 id="{anchor(title)}">{title}</h2>\n{setup}'
        f'<div class="{kind}">\n{before}{now}</div>\n</section>'
    )


def side(title: str, name: str, text: str, words: dict[str, str]) -> str:
    """Before or Now: its name, the HTTP lines, the way to the notebook; its code with a button."""
    about, _, code = text.strip().partition("```python\n")
    code = code.removesuffix("```").rstrip()
    about, _, more = about.rpartition(" · ") if "](" in about else (about, "", "")
    # A list of links has to make sense when it is read out alone.
    named = rf'<a aria-label="\2: {title}" \1>\2</a>'
    more = re.sub(r"<a (.*?)>(.*?)</a>", named, inline(more))
    about = about.replace(" /", "\N{NO-BREAK SPACE}/")
    head = f"<b>{name}</b> <span>{inline(about)}</span> {more}"
    kind = {words["Before"]: "before", words["Now"]: "now"}.get(name, "both")
    if not code:
        return f'<div class="{kind}"><p class="head">{head}</p></div>\n'
    # On paper the head stands beside the first line of code, or the last, where that leaves room.
    ends = code.split("\n")[:: max(1, code.count("\n"))]
    for shown, look in ((f"{name} {about}", ""), (name, " brief")):
        places = [n for n, line in enumerate(ends) if len(f"{line} {shown}") < WIDTH]
        if places:
            kind += (" first", " last")[places[0]] + look
            break
    return (
        f'<div class="{kind}"><p class="head">{head} <button class="copy"'
        f' aria-label="{words["Copy"]}: {title}, {name}">{words["Copy"]}</button></p>\n'
        f"<pre>{lines(code)}</pre></div>\n"
    )


def inline(markdown: str) -> str:
    """A line of Markdown as HTML."""
    return mistune.html(markdown).strip().removeprefix("<p>").removesuffix("</p>")


def lines(code: str) -> str:
    """Code with an element for each line, which knows its indentation. Its text is the code."""
    marked = []
    for line in code.split("\n"):
        indent = len(line) - len(line.lstrip())
        look = f' style="--indent: {indent}"' if indent else "" if line else ' class="blank"'
        marked.append(f"<span{look}>{html.escape(line)}")
    return "\n</span>".join(marked) + "</span>"


def filled(template: str, values: dict[str, str]) -> str:
    """A page from its template: values, the style that all share, and its script's digest."""
    page = (HERE / template).read_text(encoding="utf-8")
    values = values | {"style": (HERE / "style.css").read_text(encoding="utf-8")}
    page = re.sub(r"{{(?!script}})(.*?)}}", lambda m: values[m[1]], page)
    script = re.search(r"<script>(.*?)</script>", page, re.S)[1]
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return page.replace("{{script}}", digest)


def address(notebook: str) -> str:
    """Where a notebook opens: `TREE` in build.py."""
    return f"tree/index.html?path={quote(notebook)}"


def in_japanese(text: str) -> str:
    """HTML with its Japanese words marked as such."""
    return re.sub(
        r"([\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]+)", r'<span lang="ja">\1</span>', text
    )


def links(notebooks: list[Path]) -> str:
    """The notebooks of one language: title, minutes, and what it gives."""
    mark, lang = (str, ' lang="ja"') if notebooks is JAPANESE else (in_japanese, "")
    items = []
    for path in notebooks:
        cell = json.loads(path.read_text(encoding="utf-8"))["cells"][0]
        title, first = "".join(cell["source"]).split("\n\n")[:2]
        first = "".join(re.split(r"(?<=\. )|(?<=。)", plain(first))[: 1 if lang else 2])
        title, first = mark(plain(title)), mark(first)
        items.append(
            f'<li><a href="{address(path.relative_to(FOLDER).as_posix())}">'
            f"<b>{path.stem[:2]} {title}</b> <small>{first}</small></a></li>"
        )
    return f'<ul class="notebooks"{lang}>\n' + "\n".join(items) + "\n</ul>"


def plain(text: str) -> str:
    """Markdown as HTML text, without its marks."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text.lstrip("# "))
    return html.escape(" ".join(text.replace("*", "").replace("`", "").split()))
