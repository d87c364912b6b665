"""No table and no block of code in a README is cut off on GitHub.

GitHub gives a README 830 pixels, and hides without a sign what does not fit. Every README of the
project is laid out that wide, in GitHub's style.
"""

from pathlib import Path

import mistune

from ..notebooks import FOLDER
from .page import browser

ROOT = FOLDER.parent
READMES = [folder / "README.md" for folder in (ROOT, FOLDER, FOLDER / "ja", ROOT / "tests")]
WIDTH = 830  # pixels
STYLE = """<meta charset="utf-8"><style>
article { width: WIDTHpx; font: 16px/1.5 "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }
code { font: 85% ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
    padding: .2em .4em; white-space: break-spaces }
pre { overflow: auto; padding: 16px; line-height: 1.45; font-size: 100% }
pre code { white-space: pre; padding: 0 }
table { display: block; width: max-content; max-width: 100%; overflow: auto;
    border-collapse: collapse }
th, td { padding: 6px 13px; border: 1px solid }
</style>"""
# What stands in a fold is laid out too. Of each block: the pixels that it needs and has, its start.
MEASURE = """() => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    const blocks = [...document.querySelectorAll("article table, article pre")];
    return blocks.map(block => [
        block.scrollWidth, block.clientWidth, block.textContent.trim().slice(0, 60)]);
}"""


def laid_out(markdown: str) -> str:
    """A README's Markdown as a page of GitHub's width."""
    convert = mistune.create_markdown(escape=False, plugins=["table"])
    style = STYLE.replace("WIDTH", str(WIDTH))
    return f"{style}<body><article>{convert(markdown)}</article></body>"


async def check(program: str, work: Path) -> bool:
    """Whether all fits."""
    good = True
    async with browser(program, work) as page:
        for path in filter(Path.exists, READMES):
            (work / "page.html").write_text(laid_out(path.read_text("utf-8")), encoding="utf-8")
            await page.go((work / "page.html").as_uri())
            found = await page.run(MEASURE)
            wide = [
                f"{needs} px for {has}: {start!r}" for needs, has, start in found if needs > has
            ]
            name = path.relative_to(ROOT).as_posix()
            print(f"{name}: {len(found)} tables and blocks, {len(wide) or 'none'} cut off")
            print(*wide, sep="\n", end="\n" if wide else "")
            good = good and not wide
    return good
