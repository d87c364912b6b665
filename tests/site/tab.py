"""What is different in a browser's tab: the SDK's client asks `Replay`, and opens no connection."""

import asyncio
from typing import TYPE_CHECKING

import httpx2
import httpx2._client

from tests.replay import recordings
from tests.replay.api import Replay
from tests.replay.exchange import Request

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

PAUSE = 1.0  # seconds after the kernel's start; it is idle then, as the reader reads


class Transport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers every request from the recordings, whatever its host."""

    def __init__(self) -> None:
        self.replay = Replay(recordings.load())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        content = request.read()
        target = request.url.raw_path.decode("ascii")
        asked = Request(request.method, target, request.headers, content, len(content))
        answer = self.replay.answer(asked)
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.content)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        return self.handle_request(request)


def connect() -> None:
    """Give every client that is made from now on the same `Transport`, in place of a socket's."""
    transport = Transport()
    for name in ("HTTPTransport", "AsyncHTTPTransport"):
        setattr(httpx2._client, name, lambda **_: transport)


def load() -> None:
    """Import what a notebook's first cells will: it takes two seconds here."""
    from openai import OpenAI

    client = OpenAI()
    _ = client.models, client.beta.threads.runs, client.conversations.items, client.responses


def start(shell: "InteractiveShell") -> None:
    """What a kernel does when it starts."""
    connect()
    shell.Completer.use_jedi = False
    asyncio.get_event_loop().call_later(PAUSE, load)
