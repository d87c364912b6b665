"""A headless Chromium, spoken with over DevTools: new every time, without the user's settings."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tornado.websocket import WebSocketClientConnection, websocket_connect

from ..notebooks import FOLDER, environment

# Without a sandbox, which no container has: it opens nothing but our own pages.
CHROMIUM = """--user-data-dir={} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage
    --no-first-run --disable-background-networking --disable-component-update --disable-sync
    --disable-quic --window-size=1400,1000 --remote-debugging-port=0"""
# Folders of our own, empty.
OWN = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
OWN += ["TMPDIR", "TEMP", "TMP", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"]
SLEEP = "const sleep = seconds => new Promise(done => setTimeout(done, 1000 * seconds));"


class Broken(Exception):
    """A server or the browser did not do its part, or a check found something wrong."""


def need(good: object, words: str) -> None:
    if not good:
        raise Broken(words)


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
    """A tab, over a WebSocket that speaks DevTools with it. helpers: JavaScript for all scripts."""

    socket: WebSocketClientConnection
    helpers: str = ""

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
        """What a JavaScript function gives, awaited; it fails by throwing."""
        script = f"(async () => {{{SLEEP}{self.helpers}\nreturn JSON.stringify(await ({function})("
        script += f"...{json.dumps(arguments)}) ?? null);}})()"
        answer = await self.call("Runtime.evaluate", expression=script, awaitPromise=True)
        return json.loads(answer["result"]["value"])


@asynccontextmanager
async def browser(program: str, work: Path, *more: str, helpers: str = "") -> AsyncIterator[Page]:
    """A new browser, with a new profile, and a tab in it. more: of its command line."""
    words = [*(word.format(work / "profile") for word in CHROMIUM.split()), *more]
    says = r"ws://127\.0\.0\.1:\d+/devtools\S+"
    async with started([program, *words], work / "chromium.log", says, own(work)) as ws:
        tab = Page(await websocket_connect(ws))
        target = await tab.call("Target.createTarget", url="about:blank")
        ws = f"{ws.partition('/browser/')[0]}/page/{target['targetId']}"
        yield Page(await websocket_connect(ws, max_message_size=2**26), helpers)


def own(work: Path) -> dict[str, str]:
    """An environment without the user's settings."""
    env = {k: v for k, v in environment("", "").items() if not k.startswith("JUPYTER")}
    for name in OWN:
        (work / name).mkdir(exist_ok=True)
        env[name] = str(work / name)
    return env
