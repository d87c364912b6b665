"""What `tests.refresh --record` keeps: a notebook's exchanges with the real API, scrubbed."""

import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from copy import deepcopy
from datetime import UTC, datetime

import pydantic_core

from .replay import multipart, recordings
from .replay.api import CASE, Replay
from .replay.exchange import Answer, Exchange, Request, encode
from .replay.scrub import scrubbed
from .replay.server import HOST

ENDS = ("response.completed", "response.incomplete", "response.failed")  # or [DONE]
OF = ("type", "id", "item_id")  # and the indices: what a delta is a part of


class Unkept(ValueError):
    """An answer that no recording can hold, and why."""


class Session:
    """An observer of one notebook's requests: what it asked and was answered, in order.

    key: the real key, which no exchange may hold. lost: what it was answered and can't be kept, a
    sentence each.
    """

    def __init__(self, notebook: str, upstream: str, key: str) -> None:
        self.notebook = notebook
        self.source = f"Captured from {upstream} on {datetime.now(UTC):%Y-%m-%d}."
        self.keys = (key,)
        self.exchanges: list[Exchange] = []
        self.lost: list[str] = []

    def __call__(self, request: Request, answer: Answer) -> None:
        """One request and its answer.

        Not kept is what a moment later would be answered otherwise (a rate limit, a fault of the
        server's): the SDK asks again.
        """
        if answer.exchange and not answer.why:
            self.exchanges.append(answer.exchange)
        elif answer.forwarded and answer.status != 429 and answer.status < 500:
            if answer.rest is None:
                self._keep(request, answer, answer.content)
            else:
                answer.rest = self._listened(request, answer, answer.rest)

    async def _listened(
        self, request: Request, answer: Answer, rest: AsyncGenerator[bytes]
    ) -> AsyncGenerator[bytes]:
        """A stream, passed on as it comes, and kept when it has come to its end."""
        chunks = []
        try:
            async with aclosing(rest):
                async for chunk in rest:
                    chunks.append(chunk)
                    yield chunk
        finally:
            self._keep(request, answer, b"".join(chunks), stream=True)

    def _keep(self, request: Request, answer: Answer, content: bytes, stream: bool = False) -> None:
        path = scrubbed(request.target, self.keys)
        try:
            text = content.decode()
            names = {CASE.get(name.lower(), name): value for name, value in answer.headers.items()}
            exchange = Exchange(
                method=request.method,
                path=path,
                request_body=scrubbed(multipart.body_of(request), self.keys),
                key=None,
                status=answer.status,
                headers=scrubbed(names, self.keys),
                response_body=(stream_kept if stream else body_kept)(text, self.keys, path),
                grade="recorded",
                source=self.source,
                notebook=self.notebook,
            )
            recordings.text_of(self.notebook, [exchange]).encode()
        except Unkept as error:
            self.lost.append(f"{request.method} {path}: {error}")
        except (ValueError, RecursionError):
            self.lost.append(f"{request.method} {path}: the answer is no JSON that can be written")
        else:
            self.exchanges.append(exchange)


def body_kept(text: str, keys: tuple[str, ...], target: str) -> object:
    """A body, scrubbed: its JSON value, or its text where the wire had formatted that otherwise.

    Raises ValueError for what is no JSON object, or can't be scrubbed.
    """
    value = json.loads(text)
    if not isinstance(value, dict):
        raise Unkept("the answer is no JSON object")
    plain = scrubbed(value, keys)
    if plain != value:
        not_spelled(text)
        return plain
    return value if encode(value, target) == text.encode() else text


def stream_kept(text: str, keys: tuple[str, ...], target: str) -> str:
    """A stream's text, scrubbed, also of what is split over its deltas.

    Raises ValueError for one that broke off, or can't be scrubbed.
    """
    *events, _ = re.sub("\r\n?", "\n", text).split("\n\n")
    found = [data_of(event) for event in events]
    last = next((value for value in reversed(found) if value is not None), None)
    if last != "[DONE]" and not (isinstance(last, dict) and last.get("type") in ENDS):
        raise Unkept("the stream broke off before its last event")
    values = deepcopy(found)
    cut_anew(values, keys)
    for n, (value, old) in enumerate(zip(values, found, strict=True)):
        if isinstance(value, dict):  # a delta alone could look like a secret that it is none of
            plain = {k: part if k == "delta" else scrubbed(part, keys) for k, part in value.items()}
        else:
            plain = scrubbed(value, keys)
        lines = [line for line in events[n].split("\n") if not line.startswith("data:")]
        others = scrubbed(lines, keys)
        if plain != old or others != lines:
            not_spelled(text)
            data = plain if isinstance(plain, str) else pydantic_core.to_json(plain).decode()
            events[n] = "\n".join(others if plain is None else [*others, f"data: {data}"])
    return "".join(f"{event}\n\n" for event in events)


def data_of(event: str) -> object:
    """An event's data: a JSON value, or text; None for a comment."""
    lines = [line[5:].removeprefix(" ") for line in event.split("\n") if line.startswith("data:")]
    try:
        return json.loads("\n".join(lines))
    except ValueError:
        return "\n".join(lines) if lines else None


def cut_anew(values: list[object], keys: tuple[str, ...]) -> None:
    """Scrub what the deltas of a stream's events spell together, and cut it into as many again."""
    series: dict[str, list[tuple]] = {}
    for value in values:
        if isinstance(value, dict) and "delta" in value:
            of = {k: v for k, v in value.items() if k in OF or k.endswith("_index")}
            for place, holder, name in strings_of(value, "delta"):
                series.setdefault(json.dumps([of, place]), []).append((holder, name))
    for parts in series.values():
        joined = "".join(holder[name] for holder, name in parts)
        plain = scrubbed(joined, keys)
        if plain != joined:
            for n, (holder, name) in enumerate(parts):
                first, after = (len(plain) * i // len(parts) for i in (n, n + 1))
                holder[name] = plain[first:after]


def strings_of(holder: dict | list, name: str | int, place: tuple = ()) -> Iterator[tuple]:
    """The strings in a part of a JSON value: the place of each, what holds it, under which name."""
    value = holder[name]
    if isinstance(value, str):
        yield place, holder, name
    for inner in value if isinstance(value, dict) else ():
        yield from strings_of(value, inner, (*place, inner))
    for n, part in enumerate(value) if isinstance(value, list) else ():
        index = part.get("index", n) if isinstance(part, dict) else n
        yield from strings_of(value, n, (*place, index))


def not_spelled(text: str) -> None:
    """Raises Unkept for an answer with the probabilities of its tokens: they spell the secret."""
    if re.search(r'"logprobs":\s*\[\s*\{', text):
        raise Unkept("it holds a secret, and log probabilities that spell it")


def ask(replay: Replay, exchange: Exchange) -> Answer:
    """An exchange's request, answered by the rules."""
    headers = {
        "Authorization": f"Bearer {exchange.key or 'sk-fresh'}",
        "OpenAI-Beta": "assistants=v2",
        "Host": HOST,
    }
    body = exchange.request_body
    content = b"" if body is None else json.dumps(body).encode()
    if exchange.method == "POST" and exchange.path == "/v1/files":
        headers["Content-Type"], content = multipart.written(body)
    return replay.answer(
        Request(exchange.method, exchange.path, headers, content, size=len(content))
    )


def differences(exchanges: list[Exchange]) -> list[str]:
    """The exchanges that the rules, replaying them in order on a fresh key, do not reproduce.

    Raises BrokenRecording when an answer is none of the API's.
    """
    replay = Replay(exchanges)
    found = []
    for exchange in exchanges:
        answer = ask(replay, exchange)
        same = (answer.status, answer.content) == (exchange.status, exchange.content)
        if not (same and exchange.headers.items() <= answer.headers.items()):
            why = answer.why or "other headers"
            found.append(f"{exchange.method} {exchange.path}: {answer.status}, {why}")
    return found
