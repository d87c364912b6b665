"""The sheet's page: two columns where there is room, one sheet of paper, buttons that copy."""

import re
import zlib
from base64 import b64decode

from ..sheet import FILES
from .axe import faultless, screen
from .page import Page, need

ADDRESSES = {"en": "sheet.html", "ja": "ja/sheet.html"}
PAGES = 2  # of A4, landscape
SMALLEST = 6.5  # points
# Black, white, and the bar beside Before.
PRINTED = {b"0 0 0", b"1 1 1", b".7333 .7333 .7333"}
PAPER = (1085, 756)  # CSS pixels of A4, landscape, within the margins
COLUMNS = """() => [...document.querySelectorAll(".sides:not(.only)")].map(pair =>
    new Set([...pair.children].map(side => side.getBoundingClientRect().top)).size)"""
OVERFLOW = """() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
}"""
# What the buttons copy, over plain http: the selected text. No browser copies without a hand.
COPIED = """async () => {
    const found = [];
    document.execCommand = () => found.push(document.activeElement.value);
    for (const button of document.querySelectorAll(".copy")) {
        button.click();
        await sleep(0.01);
    }
    return found;
}"""
# Lines of code that are wider than their column, or that a name covers, laid out for paper.
CUT = """() => {
    const boxes = element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return [...range.getClientRects()].filter(rect => rect.width);
    };
    const all = [...document.querySelectorAll("pre")];
    const wide = all.filter(pre => pre.scrollWidth > pre.clientWidth);
    const covered = [...document.querySelectorAll(".head + pre")].filter(pre =>
        boxes(pre.previousElementSibling).some(head => boxes(pre).some(line =>
            head.left < line.right && line.left < head.right
            && Math.min(head.bottom, line.bottom) - Math.max(head.top, line.top) > 4)));
    return [...wide, ...covered].map(pre => pre.textContent.slice(0, 60));
}"""


async def good_sheet(page: Page, root: str, language: str) -> None:
    """Raises Broken unless all is so, in a language. root: the site's address, over plain http."""
    await page.go(root + ADDRESSES[language])
    await faultless(page)
    blocks = re.findall(r"```python\n(.*?)\n```", FILES[language].read_text("utf-8"), re.S)
    copied = await page.run(COPIED)
    need(copied == blocks, f"the buttons copy something else: {copied[:2]}")
    for width, rows in ((1280, 1), (390, 2)):
        await screen(page, width)
        found = await page.run(COLUMNS)
        need(found and set(found) == {rows}, f"{width} wide, the rows of each pair: {found}")
        need(await page.run(OVERFLOW) <= 0, f"{width} wide, the page is too wide")
    await on_paper(page, language)


async def on_paper(page: Page, language: str) -> None:
    """It fits on one sheet of paper, also for readers who have it dark."""
    feature = {"name": "prefers-color-scheme", "value": "dark"}
    await page.call("Emulation.setEmulatedMedia", media="print", features=[feature])
    await screen(page, *PAPER)
    cut = await page.run(CUT)
    need(not cut, f"on paper, cut or covered: {cut}")
    await page.call("Emulation.clearDeviceMetricsOverride")
    answer = await page.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    await page.call("Emulation.setEmulatedMedia", media="", features=[])
    pages, smallest, colours = read(b64decode(answer["data"]))
    need(pages <= PAGES, f"it takes {pages} pages")
    need(smallest >= SMALLEST, f"letters of {smallest:.2f} pt")
    need(colours <= PRINTED, f"printed in {colours - PRINTED}")
    print(
        f"the sheet ({language}): {pages} pages, letters of {smallest:.2f} pt or more", flush=True
    )


def read(pdf: bytes) -> tuple[int, float, set[bytes]]:
    """Of a PDF as Chromium writes it: pages, points of its smallest letters, colours as RGB."""
    sizes, colours = [], set()
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.S):
        try:
            drawn = zlib.decompress(packed)
        except zlib.error:
            continue  # a font's own
        letters = [float(size) for size in re.findall(rb"([\d.]+) Tf", drawn)]
        if letters:
            outer, *inner = (
                float(scale) for scale in re.findall(rb"(\S+) 0 0 \S+ \S+ \S+ cm", drawn)
            )
            sizes.append(min(letters) * outer * min(inner))
            colours |= set(re.findall(rb"(\S+ \S+ \S+) rg", drawn))
    return len(re.findall(rb"/Type\s*/Page\b", pdf)), min(sizes), colours
