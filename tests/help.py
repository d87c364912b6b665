"""What the test files share."""

import ast
import asyncio
import inspect
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from openai import OpenAI

from .notebooks import FOLDER
from .replay.exchange import Answer, Request
from .replay.server import App

ROOT = FOLDER.parent
SERVE = (sys.executable, "-m", "tests.replay")
WAIT = 120  # seconds for an event that must come, on however slow a machine


def headers(key: str = "sk-test") -> dict[str, str]:
    """Of a request to Threads; the other APIs ignore the second."""
    return {"Authorization": f"Bearer {key}", "OpenAI-Beta": "assistants=v2"}


def written(method: str, path: str, key: str, body: object = None) -> bytes:
    """A whole request, as it goes over a socket."""
    content = b"" if body is None else json.dumps(body).encode()
    fields = {"Host": "localhost", **headers(key), "Content-Length": len(content)}
    head = [f"{method} /v1/{path} HTTP/1.1", *(f"{name}: {fields[name]}" for name in fields)]
    return "\r\n".join([*head, "", ""]).encode() + content


def answered(
    app: App, method: str, path: str, key: str, body: object = None, kind: str = ""
) -> Answer:
    """A request, answered without a server. body: JSON, or bytes of a kind."""
    content = b"" if body is None else body
    if not isinstance(content, bytes):
        content = json.dumps(body).encode()
    fields = {"Host": "localhost", "Content-Type": kind} | headers(key)
    return app.answer(Request(method, path, fields, content, len(content)))


def raw(url: str, data: bytes, wait: float = 2) -> bytes:
    """Bytes sent as they are, and all that comes back until the server closes or `wait` is over."""
    got = b""
    with socket.create_connection(place(url), timeout=wait) as connection:
        connection.sendall(data)
        try:
            while chunk := connection.recv(65536):
                got += chunk
        except (TimeoutError, ConnectionResetError):
            pass
    return got


def texts(client: OpenAI, thread: str, **query) -> list[str]:
    """What a thread's messages say."""
    return [m.content[0].text.value for m in client.beta.threads.messages.list(thread, **query)]


def wait_until(so: Callable[[], object]) -> None:
    """Wait, generously, for what happens in another thread."""
    end = time.monotonic() + WAIT
    while not so():
        assert time.monotonic() < end
        time.sleep(0.001)


def place(url: str) -> tuple[str, int]:
    """The host and the port of a base URL, as a socket takes them."""
    parts = urlsplit(url)
    return parts.hostname, parts.port


def run_command(*arguments: str, **options) -> subprocess.CompletedProcess:
    """The command, run to its end."""
    options = {"cwd": ROOT, "capture_output": True, "encoding": "utf-8", "timeout": WAIT} | options
    return subprocess.run([*SERVE, *arguments], **options)


@contextmanager
def started(*command: str, **options) -> Iterator[tuple[subprocess.Popen, str]]:
    """The command serving, or another that prints as it does: its process, its base URL."""
    pipes = {"cwd": ROOT, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    with subprocess.Popen(command or (*SERVE, "--port", "0"), **pipes | options) as process:
        try:
            process.stdout.readline()
            yield process, process.stdout.readline().strip().partition("=")[2]
        finally:
            process.kill()


def run(source: str, name: str, scope: dict) -> None:
    """Run a notebook's cell, in which `await` may stand alone."""
    code = compile(source, name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, scope))
    else:
        exec(code, scope)
