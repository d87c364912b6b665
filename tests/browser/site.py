"""The site in a browser, as a classroom has it: built, served, and opened over plain http from a
host name that is not localhost, where a page gets no service worker; then on loopback, which has
one, on a narrow screen. `python -m tests.browser site` runs it."""

import asyncio
import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

import nbformat

from ..notebooks import FOLDER, JAPANESE, PATHS
from ..site.__main__ import HERE, HOST, WORK, Handler, Server, build
from .axe import faultless, screen
from .lab import JUPYTER, as_stored, difference, notebook
from .page import Broken, Page, browser, need
from .sheet import ADDRESSES, good_sheet

CLASSROOM = "classroom.test"
LIMIT = 25  # MB that a first visit may load, as servers send it: compressed
NOTEBOOKS = [*PATHS, *JAPANESE]
NAMES = [path.relative_to(FOLDER).as_posix() for path in NOTEBOOKS]
LINKS = """() => [...document.querySelectorAll('.notebooks a')]
    .map(link => new URL(link.href).searchParams.get('path'))"""
CLICK = """path => [...document.querySelectorAll('.notebooks a')]
    .find(link => new URL(link.href).searchParams.get('path') === path).click()"""
START_AGAIN = """async () => {
    window.confirm = () => true;
    document.getElementById("start-again").click();
    const done = document.getElementById("done");
    for (let n = 0; n < 100 && !done.textContent; n++) await sleep(0.1);
    return done.textContent;
}"""
OPEN = """async () => {
    const app = await application();
    for (let n = 0; n < 400 && !app.shell.currentWidget?.context; n++) await sleep(0.05);
    return [...app.shell.widgets("main")].map(widget => widget.context?.path ?? widget.title.label);
}"""
SECONDS = "() => performance.now() / 1000"
CONTENT = "async path => (await notebook(path)).context.model.toJSON()"
CLOSE = """async path => {
    const panel = await notebook(path);
    await panel.sessionContext.shutdown();
    panel.dispose();
}"""
# Whether a notebook's first cell has pictures, and all of them have come.
PICTURES = """async path => {
    const pictures = () => [...panel.node.querySelectorAll(".jp-MarkdownOutput img")];
    const panel = await notebook(path);
    await panel.content.scrollToItem(0);
    const come = () => pictures().length && pictures().every(picture => picture.naturalWidth);
    for (let n = 0; n < 100 && !come(); n++) await sleep(0.1);
    return come();
}"""
SAVED = """async path => {
    const model = (await notebook(path)).context.model;
    for (let n = 0; n < 200 && model.dirty; n++) await sleep(0.1);
    return !model.dirty;
}"""
# Put the cursor into a cell, over a text of it; gives the cell's count.
SELECT = """async (path, id, text) => {
    const content = (await notebook(path)).content;
    const index = content.widgets.findIndex(cell => cell.model.id === id);
    const cell = content.widgets[index];
    content.activeCellIndex = index;
    await content.scrollToItem(index);
    await cell.ready;
    content.mode = "edit";
    const place = cell.model.sharedModel.source.indexOf(text);
    const [start, end] = [place, place + text.length].map(n => cell.editor.getPositionAt(n));
    cell.editor.focus();
    cell.editor.setSelection({start, end});
    return cell.model.executionCount;
}"""
# What a cell has printed, once it has been run again.
PRINTED = """async (path, id, count) => {
    const panel = await notebook(path);
    const model = panel.content.widgets.find(cell => cell.model.id === id).model;
    const kernel = panel.sessionContext.session.kernel;
    for (let n = 0; n < 200; n++) {
        await sleep(0.1);
        const again = model.executionCount && model.executionCount !== count;
        if (again && kernel.status === "idle") break;
    }
    return model.outputs.toJSON().map(output => output.text ?? output.ename ?? "").join("");
}"""


class Counting(Handler):
    """Notes what is asked and how it was answered."""

    def log_request(self, code="-", size="-") -> None:
        self.server.asked.append((self.path.partition("?")[0], int(code)))


@contextmanager
def serving(site: Path) -> Iterator[Server]:
    """The site on a free port of loopback; `asked` has (path, status) of every request."""
    server = Server((HOST, 0), partial(Counting, directory=str(site)))
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def loaded(site: Path, asked: list[tuple[str, int]]) -> float:
    """What a visit has loaded, in MB, each file compressed if that makes it smaller."""
    total = 0
    for name, status in asked:
        if status == 200:
            path = site / name.strip("/")
            content = (path / "index.html" if path.is_dir() else path).read_bytes()
            total += min(len(content), len(gzip.compress(content, 6)))
    return total / 1e6


def others(log: Path, host: str) -> set[str]:
    """The hosts that pages of `host` asked, other than itself: by the browser's own log, a line an
    event, in which workers and WebSockets are too."""
    line = r'"initiator":"http://([^":/]+).*?"url":"\w+://([^":/]+)'
    found = re.findall(line, log.read_text(encoding="utf-8"))
    return {asked for asking, asked in found if asking == host} - {host}


async def arrived(page: Page, address: str) -> None:
    """Wait until the page has an address with this in it."""
    for _ in range(100):
        with suppress(Broken):  # while one page goes and the next one comes
            if await page.run("part => location.href.includes(part)", address):
                return
        await asyncio.sleep(0.1)
    raise Broken(f"{address} does not open")


async def opened(page: Page, url: str, name: str) -> list[str]:
    """Click a notebook's link on the start page; gives what is then open in JupyterLab."""
    await page.go(url)
    await page.run(CLICK, name)
    await arrived(page, "lab/index.html")
    return await page.run(OPEN)


async def typed(page: Page, path: str, cell: str, old: str, new: str) -> str:
    """Type over a text of a cell, press Shift+Enter, and wait for what it prints."""
    count = await page.run(SELECT, path, cell, old)
    await page.call("Input.insertText", text=new)
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "modifiers": 8}
    for kind in ("keyDown", "keyUp"):
        await page.call("Input.dispatchKeyEvent", type=kind, **enter)
    return await page.run(PRINTED, path, cell, count)


def exercise(stored: nbformat.NotebookNode) -> tuple[str, str, str]:
    """The first exercise: its cell's id, what to replace in it, and the folded solution."""
    cells = iter(stored.cells)
    cell = next(c for c in cells if c.cell_type == "code" and "# your code\n" in c.source)
    folded = next(c for c in cells if "<details>" in c.source and "```python\n" in c.source)
    blank = cell.source.partition("# your code\n")
    return cell.id, blank[0] + blank[1], re.search(r"```python\n(.*?)```", folded.source, re.S)[1]


async def check(program: str, work: Path) -> bool:
    """Whether all is as stored. Raises Broken for what else is wrong."""
    site = WORK / "site"
    try:
        build(site)
    except SystemExit as problem:
        raise Broken(str(problem)) from None
    log = work / "net.json"
    flags = [f"--host-resolver-rules=MAP {CLASSROOM} {HOST}", f"--log-net-log={log}"]
    with serving(site) as server:
        async with browser(program, work, *flags, helpers=JUPYTER) as page:
            good = await visits(page, server, site)
            good = await narrow(page, server) and good
    for host in (CLASSROOM, HOST):
        need(not others(log, host), f"{host}: other hosts were asked: {others(log, host)}")
    return good


async def visits(page: Page, server: Server, site: Path) -> bool:
    """A first visit in all notebooks; a change, a reload, and the start again."""
    url = f"http://{CLASSROOM}:{server.server_port}/"
    first, stored = NAMES[0], nbformat.read(NOTEBOOKS[0], as_version=4)

    await page.go(url)
    need((links := await page.run(LINKS)) == NAMES, f"the links are {links}")
    await faultless(page)
    for language in ADDRESSES:
        await good_sheet(page, url, language)
    server.asked.clear()
    need((now := await opened(page, url, first)) == [first], f"the link to {first} opens {now}")
    good = [await as_stored(page, NOTEBOOKS[0])]
    seconds, megabytes = await page.run(SECONDS), loaded(site, server.asked)
    print(f"first visit: {seconds:.1f} s to the last cell; {megabytes:.1f} MB", flush=True)
    need(megabytes <= LIMIT, f"more than {LIMIT} MB")
    stated = int(re.search(r"about\s(\d+) MB", (HERE / "index.html").read_text("utf-8"))[1])
    need(abs(megabytes - stated) < 1.5, f"the start page says {stated} MB")

    cell, blank, solution = exercise(stored)
    printed = await typed(page, first, cell, blank, solution)
    need("It worked." in printed, f"the exercise, solved, prints: {printed}")
    # JupyterLab takes what is typed while it saves for saved.
    need(await page.run(SAVED, first), "the solution is not saved")
    changed = next(
        c for c in stored.cells if c.cell_type == "code" and '"topic": "math"' in c.source
    )
    printed = await typed(page, first, changed.id, '"math"', '"physics"')
    need("physics" in printed, f"the changed cell prints: {printed}")
    print("an exercise solved and a cell changed, by typing", flush=True)
    need(await page.run(SAVED, first), "the change is not saved")

    server.asked.clear()
    address = await page.run("() => location.href")
    await page.go(url)  # this closes nothing
    await page.go(address)
    need((now := await page.run(OPEN)) == [first], f"a reload opens {now}")
    again = notebook(await page.run("runAll", first))
    source = next(c.source for c in again.cells if c.id == changed.id)
    need('"physics"' in source, "after a reload the change is lost")
    need("physics" in difference(stored, again), "after a reload the changed cell does not run")
    seconds, megabytes = await page.run(SECONDS), loaded(site, server.asked)
    loads = [name for name, status in server.asked if status == 200]
    print(f"second visit: {seconds:.1f} s to the last cell; {megabytes:.1f} MB", flush=True)
    # The start page, and the one that leads to a notebook: 3 kB.
    need(megabytes < 0.01, f"a second visit loads again: {loads}")

    await illustrated(page, NOTEBOOKS[0])
    for before, path in zip(NAMES, NOTEBOOKS[1:], strict=False):
        await page.run(CLOSE, before)
        good.append(await as_stored(page, path))
        await illustrated(page, path)

    # What was open is not opened too: each notebook would start a Python, all at once.
    second = NAMES[1]
    need((now := await opened(page, url, second)) == [second], f"the link to {second} opens {now}")

    await page.go(url)
    print(await page.run(START_AGAIN), flush=True)
    await opened(page, url, first)
    now = notebook(await page.run(CONTENT, first))
    need(not difference(stored, now), f"after the start again: {difference(stored, now)}")
    return all(good)


async def illustrated(page: Page, path: Path) -> None:
    """Raises Broken unless the pictures of a notebook's first cell have come."""
    if "![" in nbformat.read(path, as_version=4).cells[0].source:
        name = path.relative_to(FOLDER).as_posix()
        need(await page.run(PICTURES, name), f"{name} shows no picture")
        print(f"{name}: the picture is there", flush=True)


async def narrow(page: Page, server: Server) -> bool:
    """A phone's width: the notebooks app."""
    url = f"http://{HOST}:{server.server_port}/"
    await screen(page, 390)
    await page.go(url)
    await page.run(CLICK, NAMES[0])
    await arrived(page, f"notebooks/index.html?path={quote(NAMES[0])}")
    print("narrow, on loopback:", flush=True)
    good = await as_stored(page, NOTEBOOKS[0])
    # The address that a link to another notebook opens there.
    await page.run("to => { location.href = to; }", f"{url}tree?path={quote(NAMES[1])}")
    await arrived(page, f"notebooks/index.html?path={quote(NAMES[1])}")
    return good
