"""What goes over the wire: a request, its answer, and a recorded exchange of both."""

import base64
import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pydantic_core

DONE = ("done", "[DONE]")  # the last event of a run's stream [recorded]
ASCII_ONLY = re.compile(r"/v1/(responses|conversations/[^/?]+/items)")


@dataclass(eq=False)
class Request:
    """An HTTP request, read whole.

    target: path and query as sent. size: the body's, in bytes; a body that was refused while it
    arrived has no content. path: the target without its query. key: the API key that was sent.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes = b""
    size: int = 0
    path: str = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.path = self.target.partition("?")[0]
        self.key = key_in(self.headers.get("Authorization", ""))


def key_in(authorization: str) -> str:
    """The API key in a header, "" for none: a bearer token, or the password of Basic auth with a
    blank user, as the API's own 401 puts it [quoted]."""
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, key = base64.b64decode(key, validate=True).decode().partition(":")
        except ValueError:
            return ""
        return "" if user else key.strip()
    return key.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True)
class Stream:
    """An answer in events: each its name, and its data as a JSON value or as text."""

    events: list[tuple[str, object]]


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and its answer, as recorded or transcribed.

    key: what was sent as an API key, where it is none. response_body: the JSON value, or the text
    itself: a stream, or JSON that the wire had formatted otherwise than `encode` does. place: file
    and line of the recording.
    """

    method: str
    path: str
    request_body: object
    key: str | None
    status: int
    headers: dict[str, str]
    response_body: object
    grade: str
    source: str
    notebook: str
    place: str = ""

    @cached_property
    def content(self) -> bytes:
        """The answer's body as it was on the wire."""
        if isinstance(self.response_body, str):
            return self.response_body.encode()
        return encode(self.response_body, self.path)

    @cached_property
    def shown(self) -> list[object]:
        """The JSON values that the answer shows: its body, or the data of a stream's events."""
        body = self.response_body
        if not isinstance(body, str):
            return [body]
        return list(events_in(body)) if body.startswith("event:") else [json.loads(body)]

    @cached_property
    def objects(self) -> list[dict]:
        """Each object that the answer shows: those of its lists one by one."""
        found: list[dict] = []
        for value in self.shown:
            found += value["data"] if isinstance(value.get("data"), list) else [value]
        return found

    @cached_property
    def value(self) -> object:
        """The object that the answer is about: its body, or the last state that a stream tells."""
        return last_state(self.shown)


@dataclass(eq=False)
class Answer:
    """What goes back.

    why: "" when it is a recording to the byte, else why it is not. exchange: the recording that its
    ids, times and words are from. ruled: the content as the rules gave it, where a recording's took
    its place. place: where its reply stands in the user's own file. wait: seconds that it is held
    back. notes: what the log says beside. unanswered: the turn that nobody had a reply to.
    forwarded: it is the real API's. rest: what of the content has not arrived yet; it raises
    ConnectionError where it breaks off.
    """

    status: int
    headers: dict[str, str]
    content: bytes
    why: str
    exchange: Exchange | None = None
    ruled: bytes = b""
    place: str = ""
    wait: float = 0
    notes: tuple[str, ...] = ()
    unanswered: dict | None = None
    forwarded: bool = False
    rest: AsyncGenerator[bytes] | None = field(default=None, repr=False)

    @property
    def remarks(self) -> list[str]:
        """What is said beside it, in the log and on the page."""
        offered = ", ".join((self.unanswered or {}).get("offered", ()))
        taught = [f"offered {offered}, called nothing: teach it with --replies"] if offered else []
        return [*self.notes, *taught]

    @property
    def who(self) -> str:
        """Who answered: recorded, computed, forwarded; yours, from the user's own file; or refused,
        by a live session."""
        if self.forwarded or self.place:
            return "forwarded" if self.forwarded else "yours"
        return self.headers.get("x-replay", "refused")


def encode(value: object, target: str) -> bytes:
    """An answer's body as on the wire: JSON with indent 2, no newline at the end [recorded], but
    of files, which have one [recorded]. Bytes are a file's own.

    The Responses family, which conversations' items belong to, escapes all that is not ASCII; the
    others don't [recorded; conversations themselves: unknown]. Events are JSON on one line, without
    a blank and unescaped [recorded]. None is no body at all.
    """
    if value is None:
        return b""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Stream):
        parts = []
        for name, data in value.events:
            text = data if isinstance(data, str) else pydantic_core.to_json(data).decode()
            parts.append(f"event: {name}\ndata: {text}\n\n")
        return "".join(parts).encode()
    escaped = ASCII_ONLY.match(target) is not None
    content = pydantic_core.to_json(value, indent=2, ensure_ascii=escaped)
    return content + b"\n" if target.startswith("/v1/files") else content


def last_state(told: list[object]) -> object:
    """Of the values that an answer shows, the last state of a response or a run; else the first."""
    for value in reversed(told):
        if isinstance(value, dict) and "response" in value:
            return value["response"]
        if isinstance(value, dict) and value.get("object") == "thread.run":
            return value
    return told[0] if told else None


def events_in(text: str) -> Iterator[object]:
    """The data of a stream's events that are JSON."""
    for line in text.split("\n"):
        if line.startswith("data: ") and line != "data: [DONE]":
            yield json.loads(line.removeprefix("data: "))


def canonical(body: object) -> str:
    """A body as text that is the same for the same JSON value. Raises ValueError for infinity."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, allow_nan=False)
