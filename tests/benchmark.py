"""`python -m tests.benchmark [PART...]`: what the fixture costs, as a table. About a minute.

What is compared is measured in turns, in the same run, so that a busy machine slows both sides.
"""

import argparse
import http.client
import importlib.util
import json
import os
import platform
import selectors
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit
from warnings import filterwarnings

import httpx2
import nbformat
from openai import OpenAI

from .notebooks import FOLDER, PATHS, environment
from .replay import recordings
from .replay.project import Thread
from .replay.server import HOST, Answer, Replay, Request

ROOT = FOLDER.parent
HEADERS = {"Authorization": "Bearer sk-bench", "OpenAI-Beta": "assistants=v2"}
CONNECTIONS = 32
NOTEBOOKS = [sys.executable, "-m", "pytest", "tests/conftest.py", "notebooks"]


def main() -> None:
    """Measure the parts that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument("part", nargs="*", help=", ".join(PARTS), default=PARTS)
    parser.add_argument("--rounds", type=int, default=2, help="of the notebooks (2)")
    options = parser.parse_args()
    filterwarnings("ignore", "(The .* API is )?deprecated", DeprecationWarning)
    python = f"Python {platform.python_version()}, {platform.system()}"
    bytecode = "not kept" if sys.dont_write_bytecode else "kept"
    print(f"{os.cpu_count()} cores, none pinned; {python}; bytecode {bytecode}")
    print(f"{'':50}{'median':>10}{'min':>10}{'max':>10}  target")
    for part in options.part:
        PARTS[part](options.rounds) if part == "notebooks" else PARTS[part]()


def row(name: str, values: list[float], target: str = "") -> None:
    """One line of the table. target: `<= 2.4`, say."""
    cells = (median(values), min(values), max(values))
    shown = "".join(f"{v:10.0f}" if v >= 1000 else f"{v:10.3g}" for v in cells)
    if target:
        sign, bound = target.split()
        met = median(values) <= float(bound) if sign == "<=" else median(values) >= float(bound)
        target += " met" if met else " MISSED"
    print(f"{name:50}{shown}  {target}".rstrip(), flush=True)


def ratios(above: list[float], below: list[float]) -> list[float]:
    """Pair by pair, as they were measured in turns."""
    return [a / b for a, b in zip(above, below, strict=True)]


def timed(call: Callable[..., object], *arguments: object, times: int = 1) -> float:
    """The median of the seconds that a call takes."""
    taken = []
    for _ in range(times):
        begin = perf_counter()
        call(*arguments)
        taken.append(perf_counter() - begin)
    return median(taken)


# The least that tornado's web framework can do, to tell its price from ours.
BARE = """
import asyncio, sys, tornado.web, tornado.netutil
class Canned(tornado.web.RequestHandler):
    def get(self):
        self.set_header("content-type", "application/json")
        self.write(sys.argv[1])
    post = get
async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    app = tornado.web.Application([("/v1/.*", Canned)])
    tornado.httpserver.HTTPServer(app).add_sockets(sockets)
    print(f"ready\\nurl=http://127.0.0.1:{sockets[0].getsockname()[1]}/v1", flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


@contextmanager
def server(*code: str) -> Iterator[tuple[int, str]]:
    """The command, serving, or other code that does: its process id and base URL."""
    command = [sys.executable, *(code or ("-m", "tests.replay", "--port", "0"))]
    quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **quiet) as process:
        try:
            process.stdout.readline()
            yield process.pid, process.stdout.readline().partition("=")[2].strip()
        finally:
            process.kill()


def ask(url: str, method: str, path: str) -> dict:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request(method, f"/v1/{path}", headers=HEADERS)
    return json.load(connection.getresponse())


def start() -> None:
    """From the process's start to its first answer, without what Python itself takes."""

    def first(method: str, path: str) -> float:
        begin = perf_counter()
        with server() as (_, url):
            ask(url, method, path)
            return perf_counter() - begin - python

    gets, posts = [], []
    for _ in range(5):
        python = timed(run, [sys.executable, "-c", "pass"], times=3)
        gets.append(first("GET", "threads/thread_x"))
        posts.append(first("POST", "threads"))
    row("start to first GET, less Python's own, s", gets, "<= 0.2")
    row("start to first POST (loads the SDK's types), s", posts)


def sdk() -> None:
    """An SDK call over HTTP, and the same with a canned answer in the process: the SDK's floor."""
    thread = {"id": "thread_x", "object": "thread", "created_at": 1, "metadata": {}}
    canned = json.dumps(thread | {"tool_resources": {}}, indent=2).encode()
    json_type = {"content-type": "application/json"}
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, headers=json_type, content=canned)
    )
    floor = OpenAI(api_key="sk-bench", http_client=httpx2.Client(transport=transport)).beta.threads
    with server() as (_, url), server("-c", BARE, canned.decode()) as (_, bare_url):
        ours = OpenAI(api_key="sk-bench", base_url=url).beta.threads
        bare = OpenAI(api_key="sk-bench", base_url=bare_url).beta.threads
        id = ours.create().id
        for name, arguments in (("retrieve", (id,)), ("create", ())):
            sides = [], [], []
            for _ in range(30):
                for side, api in zip(sides, (ours, bare, floor), strict=True):
                    side.append(timed(getattr(api, name), *arguments, times=25))
            row(f"SDK {name}, ms", [s * 1e3 for s in sides[0]])
            row("  times the SDK's floor", ratios(sides[0], sides[2]), "<= 2.4")
            row("  a bare tornado handler, times the floor", ratios(sides[1], sides[2]))
            row("  times a bare tornado handler", ratios(sides[0], sides[1]))


def load() -> None:
    """Requests from 32 connections, from another process than the server's: this one."""
    with server() as (pid, url):
        ask(url, "GET", "threads/thread_x")
        row("server's peak memory after the first GET, MiB", [peak(pid)], "<= 60")
        ask(url, "POST", "threads")
        row("  after the first POST (the SDK's types)", [peak(pid)], "<= 60")
        fields = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
        path = f"/v1/threads/{ask(url, 'POST', 'threads')['id']}"
        end = f"HTTP/1.1\r\nHost: {HOST}\r\n{fields}Content-Length:"
        get = f"GET {path} {end} 0\r\n\r\n".encode()
        post = f"POST /v1/threads {end} 2\r\n\r\n{{}}".encode()
        found = {"GET": [], "POST": []}
        for _ in range(3):
            for method, request in (("GET", get), ("POST", post)):
                found[method].append(burst(urlsplit(url).port, request))
        for method, target in (("GET", ">= 6000"), ("POST", ">= 5000")):
            rates, tails = zip(*found[method], strict=True)
            row(f"{method}s a second, {CONNECTIONS} connections", rates, target)
            row("  99th percentile, ms", tails)
        made = sum(int(rate) for rate, _ in found["POST"])
        row(f"server's peak memory then, MiB, {made} threads", [peak(pid)], "<= 60")


def burst(port: int, request: bytes) -> tuple[float, float]:
    """A second of requests: how many, and the 99th percentile of their time in ms."""
    taken, sent = [], {}
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port))
            selector.register(connection, selectors.EVENT_READ)
            sent[connection] = perf_counter()
            connection.sendall(request)
        end = perf_counter() + 1
        while perf_counter() < end:
            for key, _ in selector.select():
                answer = key.fileobj.recv(65536)
                while not answer.endswith(b"\n}"):
                    answer += key.fileobj.recv(65536)
                assert answer.startswith(b"HTTP/1.1 200 ")
                now = perf_counter()
                taken.append(now - sent[key.fileobj])
                sent[key.fileobj] = now
                key.fileobj.sendall(request)
    for connection in sent:
        connection.close()
    return len(taken), sorted(taken)[len(taken) * 99 // 100] * 1e3


def peak(pid: int) -> float:
    """A process's peak memory in MiB; not a number where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def growth() -> None:
    """Calls in the process, with more and more in the store."""
    sizes, one = (0, 1000, 100_000), Call()
    stores = [Call() for _ in sizes]
    for size, call in zip(sizes, stores, strict=True):
        call("POST", "threads")
        threads = call.replay.projects["sk-bench"].threads
        threads |= {f"thread_{n}": Thread({"id": f"thread_{n}"}) for n in range(size)}
    for method, path in (("POST", "threads"), ("GET", "threads/{id}")):
        compare(f"{method} threads", sizes, [(call, method, path) for call in stores])
    lengths, pages = (10, 1000, 10_000), []
    for length in lengths:
        pages.append(f"threads/{json.loads(one('POST', 'threads').content)['id']}/messages")
        for _ in range(length):
            one("POST", pages[-1], b'{"role": "user", "content": "a"}')
    calls = [(one, "GET", f"{page}?limit=20") for page in pages]
    compare("page of 20 messages", lengths, calls)


class Call:
    """Requests to a store of their own, without HTTP; `{id}` is the first thread's."""

    def __init__(self) -> None:
        self.replay = Replay(recordings.load())

    def __call__(self, method: str, path: str, content: bytes = b"") -> Answer:
        if "{id}" in path:
            path = path.format(id=next(iter(self.replay.projects["sk-bench"].threads)))
        answer = self.replay.answer(
            Request(method, f"/v1/{path}", HEADERS | {"Host": HOST}, content)
        )
        assert answer.status == 200
        return answer


def compare(name: str, sizes: tuple[int, ...], calls: list[tuple]) -> None:
    """Rows for a call and its arguments at several sizes, and their ratio to the smallest."""
    taken = [[] for _ in sizes]
    for _ in range(9):
        for call, values in zip(calls, taken, strict=True):
            values.append(timed(*call, times=100) * 1e6)
    row(f"{name}, us, with {sizes[0]}", taken[0])
    for size, values in zip(sizes[1:], taken[1:], strict=True):
        row(f"  times that, with {size}", ratios(values, taken[0]))


def notebooks(rounds: int) -> None:
    """The notebooks under nbval, and their code as plain scripts."""
    nbval, plain, two = [], [], []
    with server() as (_, url), tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            plain.append(timed(scripts, Path(folder), url, f"sk-bench-{number}"))
            nbval.append(timed(run, NOTEBOOKS))
            if number % 2 == 0 and importlib.util.find_spec("xdist"):
                two.append(timed(run, [*NOTEBOOKS, "-n2", "--dist=loadfile"]))
    row("the notebooks as plain scripts, s", plain)
    row("  times that, under nbval", ratios(nbval, plain), "<= 1.75")
    if two:
        row("  times that, under nbval -n 2", ratios(two, plain[::2]), "<= 1.5")
    else:
        print("  under nbval -n 2: not measured, pytest-xdist is not installed")


def scripts(folder: Path, url: str, key: str) -> None:
    """Every notebook's code as a script, one after the other."""
    for path in PATHS:
        cells = nbformat.read(path, as_version=4).cells
        script = folder / f"{path.stem}.py"
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        script.write_text(code, encoding="utf-8")
        env = environment(path.stem, url) | {"OPENAI_API_KEY": f"{key}-{path.stem}"}
        run([sys.executable, str(script)], cwd=FOLDER, env=env)


def run(command: list[str], **options) -> None:
    """Run a command that must succeed, silently."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **{"cwd": ROOT} | options)


PARTS: dict[str, Callable[..., None]] = {
    "start": start,
    "sdk": sdk,
    "load": load,
    "growth": growth,
    "notebooks": notebooks,
}

if __name__ == "__main__":
    main()
