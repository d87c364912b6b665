"""`python -m tests.browser`: the first command as a user has it, in a headless Chromium.

Starts JupyterLab beside the replay server, opens every notebook, does Run All Cells, and compares
what the browser's own model then holds with what is stored; one line a notebook. It opens copies
without outputs, in a temporary folder, and the user's settings of Jupyter have no say.
"""

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
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from tornado.websocket import WebSocketClientConnection, websocket_connect

from .notebooks import FOLDER, PATHS, environment

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
SECONDS = 90  # for all; ending two processes takes at most 20 more
# No news from the network; root, too, may run it.
LAB = """-m tests.replay jupyter lab {} --no-browser --ServerApp.port=0 --expose-app-in-browser
    --allow-root --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"""
# Without a sandbox, which can't be had in a container: it opens nothing but our own page.
CHROMIUM = """--user-data-dir={} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage
    --no-first-run --disable-background-networking --disable-component-update --disable-sync
    --disable-quic --window-size=1400,1000 --remote-debugging-port=0"""
# Folders of our own, empty.
OWN = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
OWN += ["TMPDIR", "TEMP", "TMP", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]
# A cell that has not ended after 20 seconds has no outputs as stored.
RUN_ALL_CELLS = """(async path => {
    const sleep = seconds => new Promise(done => setTimeout(done, 1000 * seconds));
    while (!window.jupyterapp) await sleep(0.05);
    await jupyterapp.restored;
    const panel = await jupyterapp.commands.execute("docmanager:open", {path});
    await panel.context.ready;
    await panel.sessionContext.ready;
    await Promise.race([jupyterapp.commands.execute("notebook:run-all-cells"), sleep(20)]);
    return JSON.stringify(panel.context.model.toJSON());
})"""


class Broken(Exception):
    """JupyterLab or the browser did not do its part."""


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


async def call(socket: WebSocketClientConnection, method: str, **parameters) -> dict:
    """One DevTools call. No events are asked for, so that the next message is the answer."""
    await socket.write_message(json.dumps({"id": 1, "method": method, "params": parameters}))
    answer = json.loads(await socket.read_message() or '{"error": "The browser is gone."}')
    if "error" in answer or "exceptionDetails" in answer["result"]:
        raise Broken(f"{method}: {json.dumps(answer)}")
    return answer["result"]


@asynccontextmanager
async def page(program: str, folder: Path, work: Path) -> AsyncIterator[WebSocketClientConnection]:
    """JupyterLab on a folder, open in a new browser: a WebSocket that speaks DevTools with it."""
    env = {k: v for k, v in environment("", "").items() if not k.startswith("JUPYTER")}
    for name in OWN:
        (work / name).mkdir()
        env[name] = str(work / name)
    lab = [sys.executable, *(word.format(folder / PATHS[0].name) for word in LAB.split())]
    chromium = [program, *(word.format(work / "profile") for word in CHROMIUM.split())]
    async with (
        started(lab, work / "lab.log", r"http://127\.0\.0\.1:\d+/lab\S+token=\w+", env) as url,
        started(chromium, work / "chromium.log", r"ws://127\.0\.0\.1:\d+/devtools\S+", env) as ws,
    ):
        target = await call(await websocket_connect(ws), "Target.createTarget", url="about:blank")
        ws = f"{ws.partition('/browser/')[0]}/page/{target['targetId']}"
        socket = await websocket_connect(ws, max_message_size=2**26)
        if "errorText" in (answer := await call(socket, "Page.navigate", url=url)):
            raise Broken(f"{url}: {answer['errorText']}")
        yield socket


async def ran(socket: WebSocketClientConnection, name: str) -> nbformat.NotebookNode:
    """A notebook after Run All Cells, as the browser has it."""
    script = f"{RUN_ALL_CELLS}({json.dumps(name)})"
    answer = await call(socket, "Runtime.evaluate", expression=script, awaitPromise=True)
    return nbformat.reads(answer["result"]["value"], as_version=4)


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


async def check(program: str) -> bool:
    """Run every notebook in one browser; whether all are as stored."""
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # it cleans up, too
    good = True
    with TemporaryDirectory(ignore_cleanup_errors=True) as work:
        folder = Path(work, "notebooks")
        folder.mkdir()
        for path in PATHS:
            copy = nbformat.read(path, as_version=4)
            for cell in copy.cells:
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = [], None
            nbformat.write(copy, folder / path.name)
        async with asyncio.timeout(SECONDS), page(program, folder, Path(work)) as socket:
            for path in PATHS:
                print(f"{path.name}: ", end="", flush=True)
                found = await ran(socket, path.name)
                wrong = difference(nbformat.read(path, as_version=4), found)
                print(wrong or f"all {len(found.cells)} cells as stored", flush=True)
                good = good and not wrong
    return good


def main() -> int:
    """Returns the exit status: 0 when all is as stored, or there is no browser."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print("Not run: no Chromium or Chrome was found.")
        return 0
    try:
        return 0 if asyncio.run(check(program)) else 1
    except TimeoutError:
        print(f"not ended after {SECONDS} seconds")
    except Broken as problem:
        print(problem)
    return 1


if __name__ == "__main__":
    sys.exit(main())
