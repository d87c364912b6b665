"""What the test files share."""

import ast
import asyncio
import inspect
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from .notebooks import FOLDER

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


def place(url: str) -> tuple[str, int]:
    """The host and the port of a base URL, as a socket takes them."""
    parts = urlsplit(url)
    return parts.hostname, parts.port


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
