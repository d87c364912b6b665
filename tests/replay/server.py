"""The HTTP server: routes, headers, HTTP errors. It listens on loopback and nowhere else."""

import asyncio
import http.client
import secrets
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property
from typing import Protocol
from urllib.parse import parse_qsl, unquote

import pydantic_core
from tornado import httputil
from tornado.httpserver import HTTPServer
from tornado.iostream import IOStream, StreamClosedError
from tornado.netutil import bind_sockets

from . import (
    assistants,
    conversations,
    errors,
    ids,
    items,
    messages,
    models,
    recordings,
    responses,
    runs,
    threads,
)
from .errors import ApiError
from .parameters import json_type
from .project import START, Call, Project
from .recordings import Exchange, Recordings, dump

HOST = "127.0.0.1"
PORT = 8765
BODY_LIMIT = 16 * 2**20  # bytes; what is over it is read and thrown away, up to DRAIN_LIMIT
DRAIN_LIMIT = 2**30  # bytes
IDLE_TIMEOUT = 60.0  # seconds that a connection may wait, or take for its headers
BODY_TIMEOUT = 60.0  # seconds that a body may take
HOSTS = ("127.0.0.1", "localhost", "[::1]")
POLL_AFTER_MS = 2  # the SDK's poll helpers obey it; the API itself never sent it [recorded]

# POST /responses has these, threads and conversations have none [recorded]. The numbers are ours.
RATE_LIMITS = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-remaining-tokens": "199000",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-reset-tokens": "300ms",
}

Rule = Callable[[Call], dict]
ROUTES: dict[tuple[str, str], Rule] = {
    ("GET", "models/*"): models.retrieve,
    ("POST", "assistants"): assistants.create,
    ("GET", "assistants/*"): assistants.retrieve,
    ("DELETE", "assistants/*"): assistants.delete,
    ("POST", "threads"): threads.create,
    ("GET", "threads/*"): threads.retrieve,
    ("POST", "threads/*"): threads.modify,
    ("DELETE", "threads/*"): threads.delete,
    ("POST", "threads/*/messages"): messages.create,
    ("GET", "threads/*/messages"): messages.list_,
    ("GET", "threads/*/messages/*"): messages.retrieve,
    ("POST", "threads/*/messages/*"): messages.modify,
    ("DELETE", "threads/*/messages/*"): messages.delete,
    ("POST", "threads/*/runs"): runs.create,
    ("GET", "threads/*/runs"): runs.list_,
    ("GET", "threads/*/runs/*"): runs.retrieve,
    ("POST", "threads/*/runs/*/cancel"): runs.cancel,
    ("POST", "conversations"): conversations.create,
    ("GET", "conversations/*"): conversations.retrieve,
    ("POST", "conversations/*"): conversations.update,
    ("DELETE", "conversations/*"): conversations.delete,
    ("POST", "conversations/*/items"): items.create,
    ("GET", "conversations/*/items"): items.list_,
    ("GET", "conversations/*/items/*"): items.retrieve,
    ("DELETE", "conversations/*/items/*"): items.delete,
    ("POST", "responses"): responses.create,
    ("GET", "responses/*"): responses.retrieve,
    ("DELETE", "responses/*"): responses.delete,
}
BETA = ("assistants", "threads")  # these want the header OpenAI-Beta: assistants=v2
# What the API has (or had) and this server has not.
NOT_REPLAYED = {
    ("GET", "assistants"): "the list of assistants",
    ("POST", "assistants/*"): "modifying an assistant",
    ("POST", "threads/runs"): "creating a thread and a run in one call",
    ("POST", "threads/*/runs/*"): "modifying a run",
    ("POST", "threads/*/runs/*/submit_tool_outputs"): "runs with tools",
    ("GET", "threads/*/runs/*/steps"): "run steps",
    ("GET", "threads/*/runs/*/steps/*"): "run steps",
    ("GET", "responses/*/input_items"): "a response's input items",
    ("POST", "responses/*/cancel"): "responses in the background",
}
OTHER_APIS = """audio batches chat completions containers embeddings evals files fine_tuning images
    models moderations organization realtime uploads vector_stores videos""".split()


@dataclass(eq=False)
class Request:
    """An HTTP request, read whole.

    target: path and query as sent. size: the body's, in bytes; over BODY_LIMIT there is no content.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes
    size: int = 0

    @cached_property
    def key(self) -> str:
        """The API key that was sent, "" when none was."""
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


@dataclass(eq=False)
class Answer:
    """What goes back.

    why: "" when it is a recording to the byte, else why it is not. exchange: that recording.
    """

    status: int
    headers: dict[str, str]
    content: bytes
    why: str
    exchange: Exchange | None = None


@dataclass(eq=False)
class Replay:
    """The answers: state per API key, over one set of recordings.

    log: called with every request and its answer. session_key: the one key that is taken; without
    it, any that begins as the API's do.
    """

    recordings: Recordings
    log: Callable[[Request, Answer], None] = lambda request, answer: None
    session_key: str | None = None
    projects: dict[str, Project] = field(default_factory=dict)

    def answer(self, request: Request) -> Answer:
        """One request answered. What goes wrong is an answer too, in the API's shape."""
        project = self.project(request.key)
        path, _, query = request.target.partition("?")
        try:
            body, text, broken = *parse(request.content), None
        except ApiError as error:
            body, text, broken = None, "", error
        key = None if is_key(request.key) else request.key
        recorded = project.recorded(request.method, request.target, text, key)
        call = Call(
            project,
            ids=[unquote(part) for part in path.split("/")[3::2]],
            query=dict(parse_qsl(query, keep_blank_values=True)),
            body={} if body is None else body,
            made_up=recorded.value if recorded else {},
        )
        try:
            check(request, self.session_key)
            rule = rule_for(request, path)
            if broken:
                raise broken
            status, value = 200, rule(call)
        except ApiError as error:
            status, value = error.status, error.body
        except Exception as bug:
            traceback.print_exc()
            status, value = 500, errors.broken_rule(repr(bug)).body
        answer = _answer(request, call, status, value, recorded, text)
        self.log(request, answer)
        return answer

    def project(self, key: str) -> Project:
        """What a key owns; for what is no key, nothing that would be kept."""
        if not is_key(key):
            return Project(self.recordings)
        if key not in self.projects:
            self.projects[key] = Project(self.recordings)
        return self.projects[key]


def rule_for(request: Request, path: str) -> Rule:
    """The rule for a request. Raises ApiError when there is none, or it may not be asked."""
    shape = shape_of(path)
    route = request.method, shape
    if route in NOT_REPLAYED:
        raise errors.not_replayed(NOT_REPLAYED[route])
    if route not in ROUTES:
        if shape.split("/")[0] in OTHER_APIS:
            raise errors.not_replayed(path)
        raise errors.unknown_path(request.method, path)
    if shape.startswith(BETA) and "assistants=v2" not in request.headers.get("OpenAI-Beta", ""):
        raise errors.no_beta_header()
    return ROUTES[route]


def check(request: Request, session_key: str | None = None) -> None:
    """What holds for every request. Raises ApiError.

    403 when it is addressed to another host: that is how a web page would reach a loopback server,
    by rebinding its own name to 127.0.0.1. 413 for a body over the limit. 401 without a key, or
    with another than the session's.
    """
    host = request.headers.get("Host", "")
    if (host if host.endswith("]") else host.rsplit(":", 1)[0]).lower() not in HOSTS:
        raise errors.not_this_host()
    if request.size > BODY_LIMIT:
        raise errors.too_large(BODY_LIMIT)
    if not request.key:
        raise errors.no_key()
    if not is_key(request.key):
        raise errors.bad_key(request.key)
    if session_key and not secrets.compare_digest(request.key.encode(), session_key.encode()):
        raise errors.not_this_session()


def is_key(key: str) -> bool:
    """Any key that begins as the API's do opens a project of its own."""
    return key.startswith("sk-")


def parse(content: bytes) -> tuple[dict | None, str]:
    """A body as JSON value and as canonical text; None when there is none. Raises ApiError."""
    if not content:
        return None, recordings.canonical(None)
    try:
        value = pydantic_core.from_json(content, allow_inf_nan=False)
        text = recordings.canonical(value)
    except ValueError:
        raise errors.invalid_json() from None
    if not isinstance(value, dict):
        raise errors.wrong_type("body", "an object", json_type(value))
    return value, text


def _answer(
    request: Request, call: Call, status: int, value: dict, recorded: Exchange | None, body: str
) -> Answer:
    """Headers and bytes, and the comparison that decides between recorded and computed.

    body: the request's, `canonical`.
    """
    headers = standard_headers(call, status)
    if (value.get("error") or {}).get("type") == "replay_error":
        headers["x-should-retry"] = "false"
    if (value.get("error") or {}).get("code") == "invalid_api_key":
        headers["www-authenticate"] = 'Bearer realm="OpenAI API"'
    if request.method == "POST" and request.target == "/v1/responses" and status == 200:
        headers |= RATE_LIMITS
    if value.get("object") == "thread.run" and value["status"] in runs.ACTIVE:
        headers["openai-poll-after-ms"] = str(POLL_AFTER_MS)
    content = dump(value, request.target)
    why = ""
    if recorded and recorded.status == status:
        call.project.used.add(recorded)
        headers |= recorded.headers
        if content == dump(recorded.value, request.target):
            content = recorded.content
        else:
            why = "the state differs from the recording's"
    elif recorded:
        why = f"the recording's status is {recorded.status}"
    else:
        why = call.project.recordings.miss(request.method, request.target, body)
    headers["x-replay"] = "computed" if why else "recorded"
    return Answer(status, headers, content, why, None if why else recorded)


def error_answer(error: ApiError) -> Answer:
    """An error of this server's own, outside any project: a live session's."""
    headers = {"content-type": "application/json", "x-should-retry": "false"}
    return Answer(error.status, headers, dump(error.body, ""), str(error))


def shape_of(path: str) -> str:
    """`/v1/threads/thread_abc/messages` as `threads/*/messages`; "" when it is not under /v1."""
    parts = path.split("/")
    if parts[:2] != ["", "v1"] or "" in parts[2:]:
        return ""
    if parts[2:] == ["threads", "runs"]:
        return "threads/runs"
    return "/".join("*" if i % 2 else part for i, part in enumerate(parts[2:]))


def standard_headers(call: Call, status: int) -> dict[str, str]:
    """The headers that every answer has, as on the wire [recorded].

    A 401 names no organization and no project, and its request id is a UUID [recorded: bad key].
    """
    serial = call.project.next_serial()
    headers = {
        "date": formatdate(call.project.now or START, usegmt=True),
        "content-type": "application/json",
        "openai-version": "2020-10-01",
        "openai-organization": "org-abc123xyz789",
        "openai-project": "proj_abc123xyz789",
        "openai-processing-ms": "1",
        "x-request-id": f"req_{ids.hexes('req', serial, 32)}",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
        "cf-cache-status": "DYNAMIC",
        "server": "cloudflare",
        "cf-ray": f"{ids.hexes('ray', serial, 16)}-NRT",
        "alt-svc": 'h3=":443"; ma=86400',
    }
    if status == 401:
        del headers["openai-organization"], headers["openai-project"]
        headers["x-request-id"] = ids.uuid("req", serial)
    return headers


class Forwarder(Protocol):
    """What a live session answers in place of the recordings: see `live`."""

    def covers(self, request: Request) -> bool: ...

    async def answer(self, request: Request) -> Answer: ...

    async def close(self) -> None: ...


class _Headers(dict):
    """Headers as tornado writes them, without its checks of each name: they are all our own."""

    get_all = dict.items


class _Message(httputil.HTTPMessageDelegate):
    """One request as it arrives, answered when it is whole."""

    def __init__(
        self, replay: Replay, live: Forwarder | None, connection: httputil.HTTPConnection
    ) -> None:
        self.replay = replay
        self.live = live
        self.connection = connection
        self.chunks: list[bytes] = []
        self.size = 0

    def headers_received(self, start_line, headers) -> None:
        self.start_line, self.headers = start_line, headers

    def data_received(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size <= BODY_LIMIT:
            self.chunks.append(chunk)
        else:
            self.chunks.clear()

    def finish(self) -> None:
        method, target, _ = self.start_line
        request = Request(method, target, self.headers, b"".join(self.chunks), self.size)
        if self.live and self.live.covers(request):
            self.forwarding = asyncio.ensure_future(self._forward(self.live, request))
        else:
            self._send(self.replay.answer(request))

    async def _forward(self, live: Forwarder, request: Request) -> None:
        try:
            answer = await live.answer(request)
            self.replay.log(request, answer)
        except Exception as bug:
            traceback.print_exc()
            answer = error_answer(errors.broken_rule(repr(bug)))
        with suppress(StreamClosedError):
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        phrase = http.client.responses.get(answer.status, "")
        line = httputil.ResponseStartLine("HTTP/1.1", answer.status, phrase)
        headers = _Headers(answer.headers)
        headers["Content-Length"] = str(len(answer.content))
        content = b"" if self.start_line.method == "HEAD" else answer.content
        self.connection.write_headers(line, headers, content)
        self.connection.finish()


class _Connections(httputil.HTTPServerConnectionDelegate):
    def __init__(self, replay: Replay, live: Forwarder | None) -> None:
        self.replay = replay
        self.live = live

    def start_request(self, server_conn, request_conn) -> _Message:
        return _Message(self.replay, self.live, request_conn)


class _Server(HTTPServer):
    """tornado answers what is not HTTP with a bare 400; here that has the API's shape too."""

    BARE = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    BODY = dump(errors.not_http().body, "")
    HEAD = f"content-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
    SHAPED = BARE[:-2] + HEAD.encode() + BODY

    def handle_stream(self, stream: IOStream, address: tuple) -> None:
        write = stream.write
        stream.write = lambda data: write(self.SHAPED if data == self.BARE else data)
        super().handle_stream(stream, address)


@contextmanager
def serving(replay: Replay, port: int = 0, live: Forwarder | None = None) -> Iterator[str]:
    """Serve on loopback from a thread of its own; gives the base URL, and stops at the end.

    port: 0 for a free one. live: what answers the living half, if not the recordings. Raises
    OSError when the port is taken.
    """
    sockets = bind_sockets(port, HOST)
    loop = asyncio.SelectorEventLoop()

    async def start() -> HTTPServer:
        server = _Server(
            _Connections(replay, live),
            max_body_size=DRAIN_LIMIT,
            idle_connection_timeout=IDLE_TIMEOUT,
            body_timeout=BODY_TIMEOUT,
        )
        server.add_sockets(sockets)
        return server

    server = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{sockets[0].getsockname()[1]}/v1"
    finally:

        async def stop() -> None:
            server.stop()
            await server.close_all_connections()
            if live:
                await live.close()

        asyncio.run_coroutine_threadsafe(stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
