"""`python -m tests.readme_width`: no table and no block of code in a README is cut off on GitHub.

GitHub gives a README 830 pixels, and hides without a sign what does not fit. Every README of the
project is laid out that wide, in GitHub's style, by a headless Chromium.
"""

import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import mistune

from .browser import BROWSERS, CHROMIUM
from .notebooks import FOLDER

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
# What stands in a fold is laid out too.
MEASURE = """<script>
for (const fold of document.querySelectorAll("details")) fold.open = true;
const blocks = [...document.querySelectorAll("article table, article pre")];
const found = blocks.map(block => [
    block.scrollWidth, block.clientWidth, block.textContent.trim().slice(0, 60)]);
document.body.textContent = "measured" + JSON.stringify(found) + "measured";
</script>"""


def page(markdown: str) -> str:
    """A README's Markdown as GitHub lays it out."""
    convert = mistune.create_markdown(escape=False, plugins=["table"])
    style = STYLE.replace("WIDTH", str(WIDTH))
    return f"{style}<body><article>{convert(markdown)}</article></body>"


def widths(markdown: str, program: str) -> list[tuple[int, int, str]]:
    """Of every table and block of code: the pixels that it needs and has, and how it begins."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as work:
        file = Path(work, "page.html")
        file.write_text(page(markdown) + MEASURE, encoding="utf-8")
        flags = [word.format(Path(work, "profile")) for word in CHROMIUM.split()]
        flags = [flag for flag in flags if "debugging" not in flag]
        done = subprocess.run(
            [program, *flags, "--dump-dom", file.as_uri()],
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
    return json.loads(html.unescape(re.search("measured(.*)measured", done.stdout, re.S)[1]))


def main() -> int:
    """Returns the exit status: 0 when all fits, or there is no browser."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print("Not run: no Chromium or Chrome was found.")
        return 0
    good = True
    for path in filter(Path.exists, READMES):
        found = widths(path.read_text(encoding="utf-8"), program)
        wide = [f"{needs} px for {has}: {start!r}" for needs, has, start in found if needs > has]
        name = path.relative_to(ROOT).as_posix()
        print(f"{name}: {len(found)} tables and blocks, {len(wide) or 'none'} cut off")
        print(*wide, sep="\n", end="\n" if wide else "")
        good = good and not wide
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
