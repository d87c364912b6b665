"""`python -m tests.benchmark`: what the server costs, as a table. About two minutes.

What is compared is measured in turns, so that a busy machine slows both sides.
"""

import asyncio
import json
import os
import platform
import re
import selectors
import socket
import subprocess
import sys
import timeit
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from warnings import filterwarnings

import httpx2
import nbformat
from openai import OpenAI

from .help import ROOT, SERVE, headers, place, started, written
from .notebooks import PATHS, environment
from .replay.api import Replay
from .replay.exchange import Request
from .sheet import AWAITED

KEY = "sk-bench"
HEADERS = headers(KEY) | {"Host": "localhost"}
HI = {"model": "gpt-6-luna", "input": "Hi"}
ITEMS = HI | {"input": [{"role": "user", "content": f"Hi {n}"} for n in range(20)]}
# The least that tornado's web framework can do, to tell its price from ours.
BARE = """
import asyncio, sys, tornado.web, tornado.netutil
class Canned(tornado.web.RequestHandler):
    def get(self):
        self.set_header("content-type", "application/json")
        self.write('{"id": "thread_x", "object": "thread", "created_at": 1, "metadata": {}}')
    post = get
async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    app = tornado.web.Application([("/v1/.*", Canned)])
    tornado.httpserver.HTTPServer(app).add_sockets(sockets)
    print(f"ready\\nurl=http://127.0.0.1:{sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def row(name: str, values: list[float], target: str = "") -> None:
    """One line of the table. target: `<= 2.4`, say."""
    cells = (median(values), min(values), max(values))
    shown = "".join(f"{v:10.3g}" if v < 1000 else f"{v:10.0f}" for v in cells)
    sign, bound = target.split() if target else ("<=", "inf")
    met = (cells[0] <= float(bound)) == (sign == "<=")
    print(f"{name:34}{shown}  {target}{'' if met else ' MISSED'}", flush=True)


def seconds(call, *arguments: object, times: int = 1) -> float:
    """The median of the seconds that a call takes."""
    return median(timeit.repeat(lambda: call(*arguments), number=1, repeat=times))


def run(*arguments: str, env: dict[str, str] | None = None) -> None:
    options = {"check": True, "stdout": subprocess.DEVNULL, "cwd": ROOT, "env": env}
    subprocess.run([sys.executable, *arguments], **options)


def serving(*command: str):
    """The command, serving, or other code: its process and base URL."""
    return started(*command or (*SERVE, "--port", "0"), stderr=subprocess.DEVNULL)


def rate(url: str, method: str, path: str, body: dict | None = None) -> int:
    """How many requests on 32 connections are answered in a second."""
    request = written(method, path, KEY, body)
    done, end = 0, perf_counter() + 1
    with selectors.DefaultSelector() as selector:
        for _ in range(32):
            connection = socket.create_connection(place(url))
            selector.register(connection, selectors.EVENT_READ)
            connection.sendall(request)
        while perf_counter() < end:
            for key, _ in selector.select():
                while not key.fileobj.recv(65536).endswith(b"\n}"):
                    pass
                done += 1
                key.fileobj.sendall(request)
    return done


def rules(body: dict) -> list[float]:
    """What a response costs without HTTP, in microseconds."""
    replay, content = Replay(), json.dumps(body).encode()

    def ask() -> None:
        request = Request("POST", "/v1/responses", HEADERS, content, size=len(content))
        assert replay.answer(request).status == 200

    return [seconds(ask, times=200) * 1e6 for _ in range(7)]


def kept(turns: int, conversation: bool) -> float:
    """What so many turns of one conversation, or of one chain of responses, keep in MiB."""
    with serving() as (process, url), httpx2.Client(base_url=url, headers=HEADERS) as http:
        before: dict[str, str] = {}
        if conversation:
            before["conversation"] = http.post("conversations").json()["id"]
        base = peak(process.pid)
        for turn in range(turns):
            body = {**HI, "input": f"Turn {turn}", **before}
            answer = http.post("responses", json=body).raise_for_status()
            if not conversation:
                before["previous_response_id"] = answer.json()["id"]
        return (peak(process.pid) - base) / 1024


def peak(pid: int) -> float:
    """A process's peak memory in KiB; Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(re.search(r"VmHWM:\s+(\d+)", status)[1])


async def session(url: str, key: str) -> None:
    """50 requests of one key: a thread with messages, a conversation with items, all read back.

    On a connection of its own, read by hand: the SDK would take most of the time.
    """
    reader, writer = await asyncio.open_connection(*place(url))

    def send(method: str, path: str, body: dict | None = None) -> None:
        writer.write(written(method, path, key, body))

    async def receive() -> dict:
        status, _, fields = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        assert b" 200 " in status
        length = re.search(rb"content-length: (\d+)", fields.lower())[1]
        return json.loads(await reader.readexactly(int(length)))

    async def ask(method: str, path: str, body: dict | None = None) -> dict:
        send(method, path, body)
        return await receive()

    owner = {"metadata": {"owner": key}}
    thread = (await ask("POST", "threads", owner))["id"]
    conversation = (await ask("POST", "conversations", owner))["id"]
    texts = [f"{key} {n}" for n in range(20)]
    for text in texts:  # all at once: the server answers in order
        message = {"role": "user", "content": text}
        send("POST", f"threads/{thread}/messages", message)
        send("POST", f"conversations/{conversation}/items", {"items": [message]})
    for _ in range(40):
        await receive()
    page = "order=asc&limit=100"
    for _ in range(2):
        messages = await ask("GET", f"threads/{thread}/messages?{page}")
        assert [m["content"][0]["text"]["value"] for m in messages["data"]] == texts
        items = await ask("GET", f"conversations/{conversation}/items?{page}")
        assert [item["content"][0]["text"] for item in items["data"]] == texts
    for path in (f"threads/{thread}", f"conversations/{conversation}"):
        assert (await ask("GET", path))["metadata"] == owner["metadata"]
        assert (await ask("DELETE", path))["deleted"]
    writer.close()


def sessions(url: str, keys: list[str]) -> None:
    """Many sessions at once, in this process. Raises AssertionError for a wrong answer."""

    async def run() -> None:
        await asyncio.gather(*(session(url, key) for key in keys))

    asyncio.run(run())


def load(url: str) -> None:
    """10,000 requests of 200 keys on as many connections, from two processes: all are right."""
    keys = [f"sk-{number}" for number in range(200)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(sessions, [url] * 2, [keys[::2], keys[1::2]]))


def main() -> None:
    filterwarnings("ignore", "(The .* API is )?deprecated", DeprecationWarning)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}: median, min, max; target")
    http, first, post = httpx2.Client(headers=HEADERS), [], []
    for _ in range(7):
        python = seconds(run, "-c", "pass", times=3)
        begin = perf_counter()
        with serving() as (_, url):
            http.get(f"{url}/threads/thread_x")
            first.append(perf_counter() - begin - python)
            post.append(seconds(http.post, f"{url}/threads"))
    row("start to the first GET, s", first, "<= 0.2")
    row("the first POST after that, s", post, "<= 0.2")
    with serving() as (process, url), serving(sys.executable, "-c", BARE) as (_, bare_url):
        pid = process.pid
        apis = [OpenAI(api_key=KEY, base_url=base).beta.threads for base in (url, bare_url)]
        id = apis[0].create().id
        row("memory after the first POST, MiB", [peak(pid) / 1024], "<= 80")
        for name, arguments in (("retrieve", (id,)), ("create", ())):
            calls = [[getattr(api, name) for api in apis] for _ in range(30)]
            pairs = [[seconds(call, *arguments, times=25) for call in pair] for pair in calls]
            row(f"SDK {name}, ms", [ours * 1e3 for ours, _ in pairs])
            row("  times a bare tornado handler's", [a / b for a, b in pairs], "<= 1.15")
        base = peak(pid)
        gets = [rate(url, "GET", f"threads/{id}") for _ in range(3)]
        posts = [rate(url, "POST", "threads") for _ in range(3)]
        row("GETs a second", gets, ">= 6000")
        row("POSTs a second", posts, ">= 5000")
        row("memory a thread, KiB", [(peak(pid) - base) / sum(posts)], "<= 3")
        rates = [rate(url, "POST", "responses", HI) for _ in range(3)]
        row("POSTs of a response a second", rates)
        row("200 keys at once, 10,000 requests, s", [seconds(load, url)])
        ratios = []
        for number in range(3):
            plain = 0.0
            for path in PATHS:
                cells = nbformat.read(path, as_version=4).cells
                code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
                code = AWAITED.sub(r"\2", code)
                env = environment(path.stem, url, f"sk-bench-{number}")
                plain += seconds(partial(run, env=env), "-c", code)
            nbval = seconds(run, "-m", "pytest", "tests/conftest.py", "notebooks")
            ratios.append(nbval / plain)
        row("nbval, times plain scripts", ratios, "<= 1.6")
    row("a response without HTTP, µs", rules(HI), "<= 90")
    row("  of 20 items, µs", rules(ITEMS))
    row("  streamed, µs", rules(HI | {"stream": True}))
    row("memory of a chain of 2,500, MiB", [kept(2500, conversation=False)], "<= 60")
    row("  of a conversation of 4,000, MiB", [kept(4000, conversation=True)])


if __name__ == "__main__":
    main()
