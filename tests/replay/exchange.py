"""What goes over the wire: a request, its answer, and a recorded exchange of both."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import pydantic_core


@dataclass(eq=False)
class Request:
    """An HTTP request, read whole.

    target: path and query as sent. size: the body's, in bytes; a body that was refused while it
    arrived has no content.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    content: bytes = b""
    size: int = 0

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @cached_property
    def key(self) -> str:
        """The API key that was sent, "" when none was."""
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and its answer, as recorded or transcribed.

    key: what was sent as an API key, where it is none. place: file and line of the recording.
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
    def value(self) -> object:
        """The answer's body as a JSON value."""
        body = self.response_body
        return json.loads(body) if isinstance(body, str) else body


@dataclass(eq=False)
class Answer:
    """What goes back.

    why: "" when it is a recording to the byte, else why it is not. exchange: that recording.
    forwarded: it is the real API's. rest: what of the content has not arrived yet.
    """

    status: int
    headers: dict[str, str]
    content: bytes
    why: str
    exchange: Exchange | None = None
    forwarded: bool = False
    rest: AsyncIterator[bytes] | None = None


def encode(value: object, target: str) -> bytes:
    """JSON as on the wire: indent 2, UTF-8 unescaped, no newline at the end [recorded].

    POST /responses differs: it escapes all that is not ASCII [recorded].
    """
    if target == "/v1/responses":
        return json.dumps(value, indent=2).encode()
    return pydantic_core.to_json(value, indent=2)


def canonical(body: object) -> str:
    """A body as text that is the same for the same JSON value. Raises ValueError for infinity."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, allow_nan=False)
