"""HTTP on loopback, and nothing else: it reads requests and writes the answers of one app."""

import asyncio
import errno
import http.client
import inspect
import socket
import threading
import traceback
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Protocol

from tornado import httputil
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.netutil import bind_sockets

from . import errors
from .api import limit_of, own_error
from .exchange import Answer, Request

HOST = "127.0.0.1"
PORT = 8765
DRAIN_LIMIT = 2**30  # bytes of a refused body that are read, and thrown away as they come
IDLE_TIMEOUT = 60.0  # seconds that a connection may wait, or take for its headers
BODY_TIMEOUT = 60.0  # seconds that a body may take
FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)  # no room for a connection
RETRY = 0.2  # seconds until the next one is tried then


class App(Protocol):
    """What is served: `Replay`, or `Live` around it."""

    def admit(self, request: Request) -> None: ...

    def answer(self, request: Request) -> Answer | Awaitable[Answer]: ...

    async def close(self) -> None: ...


class _Headers(dict):
    """Headers as tornado writes them, without its checks of each name: they are all our own."""

    get_all = dict.items


class _Message(httputil.HTTPMessageDelegate):
    """One request as it arrives, answered when it is whole.

    tornado's plain callback would give a request once its body is in memory, whole and parsed, be
    it a gigabyte without a key. Here what `admit` refuses is thrown away as it comes.
    """

    def __init__(self, app: App, connection: httputil.HTTPConnection) -> None:
        self.app = app
        self.connection = connection
        self.chunks: list[bytes] = []
        self.size = 0

    def headers_received(self, start_line, headers) -> None:
        method, target, self.version = start_line
        self.request = Request(method, target, headers)
        try:
            self.app.admit(self.request)
            self.keep = limit_of(self.request)
        except errors.ApiError:
            self.keep = 0

    def data_received(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size <= self.keep:
            self.chunks.append(chunk)
        else:
            self.chunks.clear()

    def finish(self) -> None:
        self.request.content, self.request.size = b"".join(self.chunks), self.size
        answer = self.app.answer(self.request)
        if not inspect.isawaitable(answer) and not answer.wait:
            self._start(answer)
            self.connection.finish()
            return
        if not inspect.isawaitable(answer):  # held back, as the user's own file wants it
            answer = asyncio.sleep(answer.wait, answer)
        waiting = asyncio.ensure_future(self._wait(answer))
        # A client that closes, if only its own side, has hung up: no more is paid for it.
        self.connection.set_close_callback(waiting.cancel)
        if self.connection.stream.closed():  # by now: then nobody calls back
            asyncio.get_running_loop().call_soon(waiting.cancel)

    async def _wait(self, coming: Awaitable[Answer]) -> None:
        try:
            answer = await coming
        except Exception as bug:
            traceback.print_exc()
            answer = own_error(errors.broken_rule(type(bug).__name__))
        if answer.rest is None:
            self._start(answer)
            self.connection.finish()
        else:
            await self._stream(answer, answer.rest)

    async def _stream(self, answer: Answer, rest: AsyncGenerator[bytes]) -> None:
        """A stream as it comes.

        Where it breaks off there is no last chunk, so that the client sees that more was to come.
        HTTP/1.0 knows no chunks: its streams end as the connection does.
        """
        whole = False
        try:
            with suppress(StreamClosedError, ConnectionError):
                async with aclosing(rest):
                    self._start(answer)
                    async for chunk in rest:
                        await self.connection.write(chunk)
                    whole = self.version != "HTTP/1.0"
        finally:
            self.connection.finish() if whole else self.connection.close()

    def _start(self, answer: Answer) -> None:
        phrase = http.client.responses.get(answer.status, "")
        line = httputil.ResponseStartLine("HTTP/1.1", answer.status, phrase)
        headers = _Headers(answer.headers)
        if answer.rest is None:
            headers["Content-Length"] = str(len(answer.content))
        content = b"" if self.request.method == "HEAD" else answer.content
        self.connection.write_headers(line, headers, content)


class _Server(HTTPServer):
    def start_request(self, server_conn, request_conn) -> _Message:
        return _Message(self.request_callback, request_conn)


def _accept(server: HTTPServer, listening: socket.socket) -> None:
    """Take the connections that wait; out of file descriptors, try again a moment later.

    tornado's own loop would be called again at once, and for ever.
    """
    loop = asyncio.get_running_loop()
    try:
        while True:
            connection, address = listening.accept()
            server.handle_stream(IOStream(connection), address)
    except (BlockingIOError, ConnectionAbortedError):
        return
    except OSError as error:
        if error.errno not in FULL:
            raise
    loop.remove_reader(listening)
    loop.call_later(RETRY, _listen, server, listening)


def _listen(server: HTTPServer, listening: socket.socket) -> None:
    if listening.fileno() != -1:
        asyncio.get_running_loop().add_reader(listening, _accept, server, listening)


@contextmanager
def serving(app: App, port: int = 0) -> Iterator[str]:
    """Serve on loopback from a thread of its own; gives the base URL, and stops at the end.

    port: 0 for a free one. Raises OSError when the port is taken.
    """
    (listening,) = bind_sockets(port, HOST)
    loop = asyncio.SelectorEventLoop()

    async def start() -> HTTPServer:
        server = _Server(
            app,
            max_body_size=DRAIN_LIMIT,
            idle_connection_timeout=IDLE_TIMEOUT,
            body_timeout=BODY_TIMEOUT,
        )
        _listen(server, listening)
        return server

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}/v1"
    finally:

        async def stop() -> None:
            loop.remove_reader(listening)
            listening.close()
            await server.close_all_connections()
            calls = asyncio.all_tasks() - {asyncio.current_task()}
            for call in calls:
                if not call.cancelling():  # once: it may have work to do at its end
                    call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)
            await app.close()

        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
