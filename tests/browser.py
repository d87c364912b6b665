"""`python -m tests.browser`: the notebooks in a headless Chromium, as a reader has them.

Three checks, or the one that is named: `lab`, the README's first command, here; `site`, the browser
edition, in `tests/site/check.py`. Each opens every notebook, clears its outputs, runs all cells,
and compares what the browser's own model then holds with what is stored; one line a notebook. And
`wire`, the page that shows the requests, in `tests/wire_browser.py`. Chromium is new every time,
and the user's settings of Jupyter have no say.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from tornado.websocket import WebSocketClientConnection, websocket_connect

from .notebooks import FOLDER, PATHS, environment

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
SECONDS = 400  # for one check; ending its processes takes at most 20 more
# No news from the network; root, too, may run it.
LAB = """-m tests.replay jupyter lab {} --no-browser --ServerApp.port=0 --expose-app-in-browser
    --allow-root --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"""
# Without a sandbox, which can't be had in a container: it opens nothing but our own pages.
CHROMIUM = """--user-data-dir={} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage
    --no-first-run --disable-background-networking --disable-component-update --disable-sync
    --disable-quic --window-size=1400,1000 --remote-debugging-port=0"""
# Folders of our own, empty.
OWN = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
OWN += ["TMPDIR", "TEMP", "TMP", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]
# What scripts use: Jupyter's application, and the notebook of a path, open. A cell that has not
# ended after 60 seconds has no outputs as stored.
JUPYTER = """
const sleep = seconds => new Promise(done => setTimeout(done, 1000 * seconds));
async function application() {
    while (!window.jupyterapp) await sleep(0.05);
    await jupyterapp.restored;
    return jupyterapp;
}
async function notebook(path) {
    const app = await application();
    let panel = app.shell.currentWidget;
    if (panel?.context?.path !== path)
        panel = await app.commands.execute("docmanager:open", {path});
    await panel.context.ready;
    await panel.sessionContext.ready;
    return panel;
}
async function runAll(path) {
    const panel = await notebook(path);
    await jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
    if (panel.context.model.toJSON().cells.some(cell => cell.outputs?.length))
        throw new Error("The outputs are not cleared.");
    await Promise.race([jupyterapp.commands.execute("notebook:run-all-cells"), sleep(60)]);
    return panel.context.model.toJSON();
}
"""


class Broken(Exception):
    """A server or the browser did not do its part, or a check found something wrong."""


@asynccontextmanager
async def started(
    command: list[str], log: Path, says: str, env: dict[str, str]
) -> AsyncIterator[str]:
    """A process in a group of its own, once its log has a line that matches; gives the match."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            cwd=FOLDER.parent,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while not (line := re.search(f"({says})\\s", text := log.read_text("utf-8", "replace"))):
            if process.poll() is not None:
                raise Broken(f"{Path(command[0]).name} did not start: {text.strip()[-1000:]}")
            await asyncio.sleep(0.1)
        yield line[1]
    finally:
        end(process)


def end(process: subprocess.Popen) -> None:
    """End a process and what it started; kill what has not ended in 5 seconds."""
    if sys.platform == "win32":
        command = ["taskkill", "/T", "/F", "/PID", str(process.pid)]
        subprocess.run(command, capture_output=True, check=False)
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, PermissionError):  # the latter on macOS: only zombies
            os.killpg(process.pid, number)
            for _ in range(50):
                process.poll()
                os.killpg(process.pid, 0)
                time.sleep(0.1)


@dataclass
class Page:
    """A tab, over a WebSocket that speaks DevTools with it."""

    socket: WebSocketClientConnection

    async def call(self, method: str, **parameters) -> dict:
        """One DevTools call. No events are asked for, so that the next message is the answer."""
        message = {"id": 1, "method": method, "params": parameters}
        await self.socket.write_message(json.dumps(message))
        answer = json.loads(await self.socket.read_message() or '{"error": "The browser is gone."}')
        if "error" in answer or "exceptionDetails" in answer["result"]:
            raise Broken(f"{method}: {json.dumps(answer)}")
        return answer["result"]

    async def go(self, url: str) -> None:
        """Open an address, and wait until the page is there."""
        if "errorText" in (answer := await self.call("Page.navigate", url=url)):
            raise Broken(f"{url}: {answer['errorText']}")
        await self.run(
            "async () => { while (document.readyState !== 'complete') await sleep(0.05); }"
        )

    async def run(self, function: str, *arguments: object) -> object:
        """What a JavaScript function gives, awaited; it may use what JUPYTER has."""
        script = f"(async () => {{{JUPYTER}\nreturn JSON.stringify(await ({function})("
        script += f"...{json.dumps(arguments)}) ?? null);}})()"
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True)
        return json.loads(answer["result"]["value"])


@asynccontextmanager
async def browser(program: str, work: Path, *more: str) -> AsyncIterator[Page]:
    """A new browser, with a new profile, and a tab in it. more: of its command line."""
    words = [*(word.format(work / "profile") for word in CHROMIUM.split()), *more]
    says = r"ws://127\.0\.0\.1:\d+/devtools\S+"
    async with started([program, *words], work / "chromium.log", says, own(work)) as ws:
        tab = Page(await websocket_connect(ws))
        target = await tab.call("Target.createTarget", url="about:blank")
        ws = f"{ws.partition('/browser/')[0]}/page/{target['targetId']}"
        yield Page(await websocket_connect(ws, max_message_size=2**26))


def own(work: Path) -> dict[str, str]:
    """An environment without the user's settings."""
    env = {k: v for k, v in environment("", "").items() if not k.startswith("JUPYTER")}
    for name in OWN:
        (work / name).mkdir(exist_ok=True)
        env[name] = str(work / name)
    return env


async def as_stored(page: Page, path: Path) -> bool:
    """Run All Cells of a notebook in the page; print whether it is then as stored."""
    name = path.relative_to(FOLDER).as_posix()
    now = notebook(await page.run("runAll", name))
    wrong = difference(nbformat.read(path, as_version=4), now)
    print(f"{name}: {wrong or f'all {len(now.cells)} cells as stored'}", flush=True)
    return not wrong


def notebook(found: dict) -> nbformat.NotebookNode:
    """A notebook as the browser's model gives it; it has text in lines."""
    return nbformat.reads(json.dumps(found), as_version=4)


def difference(stored: nbformat.NotebookNode, found: nbformat.NotebookNode) -> str:
    """The first cell that is not as stored, and how; "" when there is none."""
    for cell, now in zip(stored.cells, found.cells, strict=True):
        for output in now.get("outputs", []):
            if output.output_type == "error":
                return f"cell {cell.id}: {output.ename}: {output.evalue}"
        for name in ("source", "outputs", "execution_count"):
            if cell.get(name) != now.get(name):
                return f"cell {cell.id}: {name}: stored {cell[name]!r}, now {now[name]!r}"
    return ""


async def check(program: str, work: Path) -> bool:
    """The README's first command, on copies: whether all is as stored."""
    folder = work / "notebooks"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".*"))
    lab = [sys.executable, *(word.format(folder / PATHS[0].name) for word in LAB.split())]
    says = r"http://127\.0\.0\.1:\d+/lab\S+token=\w+"
    async with (
        started(lab, work / "lab.log", says, own(work)) as url,
        browser(program, work) as page,
    ):
        await page.go(url)
        # In Japanese they ask the same: this one server would have nothing recorded left for them.
        good = [await as_stored(page, path) for path in PATHS]
    return all(good)


def main() -> int:
    """Returns the exit status: 0 when all is as stored, or there is no browser."""
    from .site.check import check as check_site
    from .wire_browser import check as check_wire

    checks = {"lab": check, "wire": check_wire, "site": check_site}
    parser = argparse.ArgumentParser(prog="python -m tests.browser")
    parser.add_argument("check", nargs="?", choices=checks, help="all when none is named")
    named = parser.parse_args().check
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print("Not run: no Chromium or Chrome was found.")
        return 0
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # it cleans up, too
    status = 0
    for name in [named] if named else checks:
        print(f"In a browser, {name}:", flush=True)
        try:
            with TemporaryDirectory(ignore_cleanup_errors=True) as work:
                good = asyncio.run(asyncio.wait_for(checks[name](program, Path(work)), SECONDS))
        except TimeoutError:
            good = print(f"not ended after {SECONDS} seconds")
        except Broken as problem:
            good = print(problem)
        status = status if good else 1
    return status


if __name__ == "__main__":
    from tests.browser import main  # this file once, not twice: `Broken` must be one class

    sys.exit(main())
