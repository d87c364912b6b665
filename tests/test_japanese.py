"""The Japanese notebooks and README: in step with the English, and well-formed."""

import json
import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from .notebooks import FOLDER, JAPANESE, PATHS, PLACE, committed, plain, text_of
from .refresh import carried, digest
from .words import TERMS

ENGLISH = {path.name: nbformat.read(path, as_version=4) for path in PATHS}
NOTEBOOKS = {path.name: nbformat.read(path, as_version=4) for path in JAPANESE}
READMES = {"en": FOLDER.parent / "README.md", "ja": FOLDER / "ja" / "README.md"}
README = READMES["ja"].read_text(encoding="utf-8")
each = pytest.mark.parametrize("name", ENGLISH)


def text_cells(name: str) -> list:
    """Pairs: the English text cell, and the Japanese one; none that `tests.refresh` makes."""
    both = zip(ENGLISH[name].cells, NOTEBOOKS[name].cells, strict=True)
    written = (pair for pair in both if not pair[0].id.startswith("made-"))
    return [pair for pair in written if pair[0].cell_type == "markdown"]


def fences(text: str) -> list[str]:
    return re.findall(r"^```.*?^```$", text, re.M | re.S)


def prose(text: str) -> str:
    """A text without its code."""
    return re.sub(r"^```.*?^```$|`[^`]*`", "", text, flags=re.M | re.S)


def in_english_place(text: str) -> str:
    return re.sub(r"notebooks([/\\])ja[/\\]", r"notebooks\1", text)


def test_every_notebook_is_there_in_japanese():
    assert list(NOTEBOOKS) == list(ENGLISH)


@each
def test_code_and_outputs_are_the_english_ones_to_the_byte(name: str):
    """Ids, counts and tags too. Between what is committed; in files that somebody saved, all but
    what JupyterLab fills in."""
    paths = FOLDER / name, FOLDER / "ja" / name
    texts = [path.read_text(encoding="utf-8") for path in paths]
    assert len({json.dumps(without_text(plain(text))) for text in texts}) == 1
    assert plain(carried(*texts)) == plain(texts[1])
    if texts == [committed(path) for path in paths]:
        assert len({json.dumps(without_text(json.loads(text))) for text in texts}) == 1
        assert carried(*texts) == texts[1], "python -m tests.refresh makes it new"


def without_text(notebook: dict) -> dict:
    """A notebook without its text cells' source and their digests."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = ""
            cell["metadata"].pop("translates", None)
    return notebook


@each
def test_no_english_text_has_changed_since_it_was_translated(name: str):
    """Each Japanese text cell keeps the digest of the English one that it translates."""
    behind = {
        cell.id: digest(english.source)
        for english, cell in text_cells(name)
        if cell.metadata.get("translates") != digest(english.source)
    }
    assert behind == {}, f"ja/{name}: bring these cells up to date, then set `translates` to this"


@each
def test_a_japanese_cell_has_the_english_ones_code_and_shape(name: str):
    """Blocks of code, folds, tables' lines, heading levels and the calls that are named."""
    for english, cell in text_cells(name):
        for shape in (r"^#+ ", r"^\|", r"^- ", r"</?\w+>", r"`client\.[\w.]+\(\)`"):
            found = [re.findall(shape, text.source, re.M) for text in (english, cell)]
            assert found[0] == found[1], cell.id
        assert fences(cell.source) == fences(english.source), cell.id


@each
def test_headings_are_the_fixed_ones(name: str):
    text = "\n".join(prose(cell.source) for _, cell in text_cells(name))
    headings = re.findall(r"^## (.*)", text, re.M)
    assert headings[0] == "接続を確認する"
    last = ["実務では"] if "recipes" in name else ["エラーになる例", "演習", "実務では"]
    appendix = [heading for heading in headings if heading.startswith("付録：")]
    assert headings[-len(last + appendix) :] == last + appendix
    assert set(re.findall(r"^### (.*)", text, re.M)) <= {"以前", "現在"}


@each
def test_every_text_is_japanese_without_line_breaks_in_a_paragraph(name: str):
    """A line break shows as a space, which Japanese does not have."""
    for _, cell in text_cells(name):
        assert re.search(r"[ぁ-ん]|次：|前：", cell.source), cell.id
        check_lines(cell.source)


def test_the_readme_has_no_line_breaks_in_a_paragraph():
    check_lines(PLACE.sub("", README))


def check_lines(text: str) -> None:
    for first, second in pairwise(prose(text).splitlines()):
        own_line = re.compile(r"$|[|<#]|- |\d+\. |---")
        assert own_line.match(first) or own_line.match(second), second


@pytest.mark.parametrize("path", [*JAPANESE, READMES["ja"]], ids=lambda path: path.name)
def test_bold_opens_and_closes(path: Path):
    """`**「…」**は` stays as it is: CommonMark wants no punctuation between mark and letter."""
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "`", text_of(path), flags=re.M | re.S)
    for line in text.splitlines():
        marks = list(re.finditer(r"\*\*", line))
        assert len(marks) % 2 == 0, line
        for number, mark in enumerate(marks):
            around = (line[: mark.start()][-1:], line[mark.end() :][:1])
            outer, inner = around if number % 2 == 0 else reversed(around)
            assert inner.strip(), line
            assert letter(inner) or not letter(outer), line


def letter(one: str) -> bool:
    return bool(one.strip()) and unicodedata.category(one)[0] not in "PS"


@pytest.mark.parametrize("path", [*JAPANESE, READMES["ja"]], ids=lambda path: path.name)
def test_links_stay_in_japanese(path: Path):
    assert not re.search(r"\]\(\.\./[^)\s]*\.ipynb", path.read_text(encoding="utf-8"))


def test_the_readmes_commands_are_the_english_ones():
    """But for the notebook that they open."""
    paths = READMES["en"], FOLDER / "README.md"
    english = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    lines = [line for block in fences(PLACE.sub("", README)) for line in block.splitlines()[1:-1]]
    assert lines
    for line in lines:
        assert in_english_place(line).strip() in english, line


@pytest.mark.parametrize("term", TERMS)
def test_one_word_for_each_thing(term: str):
    """In what is written, and in what `tests.refresh` makes of `words`."""
    pages = FOLDER / "ja" / "sheet.md", FOLDER.parent / "tests" / "site" / "index.html"
    found = [
        f"{path}: {found[0]}"
        for path in (*READMES.values(), *pages, *JAPANESE)
        for found in re.finditer(f".{{0,20}}(?:{term}).{{0,20}}", text_of(path))
    ]
    assert found == [], TERMS[term]


def test_every_error_of_the_english_table_is_explained():
    tables = [
        re.search(rf"^## {heading}\n(.*?)(?=^#|\Z)", text, re.M | re.S)[1]
        for heading, text in (
            ("When it does not start", READMES["en"].read_text(encoding="utf-8")),
            ("動かないとき", README),
        )
    ]
    columns = ["\n".join(re.findall(r"^\| (.*?) \|", table, re.M)) for table in tables]
    english, japanese = (set(re.findall(r"`(.+?)`", column)) for column in columns)
    assert english <= japanese


def test_the_paths_of_the_workshop_are_the_english_ones():
    """Minute for minute."""
    teaching = (FOLDER / "README.md").read_text(encoding="utf-8")
    minutes = [
        re.findall(rf"^### (\d+){unit}.*?\n(.*?)(?=^#)", text, re.M | re.S)
        for unit, text in ((" minutes", teaching), ("分", README))
    ]
    english, japanese = (
        {path: re.findall(r"^\| (\d+) \|", text, re.M) for path, text in paths} for paths in minutes
    )
    assert english == japanese
    assert english
