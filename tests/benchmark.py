"""`python -m tests.benchmark`: what the fixture costs, as a table. About a minute.

What is compared is measured in turns, so that a busy machine slows both sides.
"""

import os
import platform
import re
import selectors
import socket
import subprocess
import sys
import timeit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit
from warnings import filterwarnings

import httpx2
import nbformat
from openai import OpenAI

from .notebooks import FOLDER, PATHS, environment

HEADERS = {"Authorization": "Bearer sk-bench", "OpenAI-Beta": "assistants=v2"}
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
    options = {"check": True, "stdout": subprocess.DEVNULL, "cwd": FOLDER.parent, "env": env}
    subprocess.run([sys.executable, *arguments], **options)


@contextmanager
def server(*arguments: str) -> Iterator[tuple[int, str]]:
    """The command, serving, or other code: its process id and base URL."""
    command = [sys.executable, *(arguments or ("-m", "tests.replay", "--port", "0"))]
    quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=FOLDER.parent, text=True, **quiet) as process:
        try:
            process.stdout.readline()
            yield process.pid, process.stdout.readline().partition("=")[2].strip()
        finally:
            process.kill()


def rate(url: str, method: str, path: str) -> int:
    """How many requests on 32 connections are answered in a second."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    head = f"{method} /v1/{path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode()
    done, end = 0, perf_counter() + 1
    with selectors.DefaultSelector() as selector:
        for _ in range(32):
            connection = socket.create_connection(("127.0.0.1", urlsplit(url).port))
            selector.register(connection, selectors.EVENT_READ)
            connection.sendall(head)
        while perf_counter() < end:
            for key, _ in selector.select():
                while not key.fileobj.recv(65536).endswith(b"\n}"):
                    pass
                done += 1
                key.fileobj.sendall(head)
    return done


def peak(pid: int) -> float:
    """A process's peak memory in KiB; Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(re.search(r"VmHWM:\s+(\d+)", status)[1])


def main() -> None:
    filterwarnings("ignore", "(The .* API is )?deprecated", DeprecationWarning)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}: median, min, max; target")
    http, first, post = httpx2.Client(headers=HEADERS), [], []
    for _ in range(7):
        python = seconds(run, "-c", "pass", times=3)
        begin = perf_counter()
        with server() as (_, url):
            http.get(f"{url}/threads/thread_x")
            first.append(perf_counter() - begin - python)
            post.append(seconds(http.post, f"{url}/threads"))
    row("start to the first GET, s", first, "<= 0.2")
    row("the first POST after that, s", post, "<= 0.2")
    with server() as (pid, url), server("-c", BARE) as (_, bare_url):
        apis = [OpenAI(api_key="sk-bench", base_url=base).beta.threads for base in (url, bare_url)]
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
        ratios = []
        for number in range(3):
            plain = 0.0
            for path in PATHS:
                cells = nbformat.read(path, as_version=4).cells
                code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
                env = environment(path.stem, url, f"sk-bench-{number}")
                plain += seconds(partial(run, env=env), "-c", code)
            nbval = seconds(run, "-m", "pytest", "tests/conftest.py", "notebooks")
            ratios.append(nbval / plain)
        row("nbval, times plain scripts", ratios, "<= 1.6")


if __name__ == "__main__":
    main()
