"""The recorded exchanges: one JSON file a notebook, each exchange with its source and grade.

A file is `{"notebook": name, "exchanges": [{"request", "response", "grade", "source"}, ...]}`.
A request is `method`, `path` (with its query) and `body`, and `key` where it was sent with one
that is no API key; a response is `status`, `headers` and `body`. A body is the JSON value, or the
text itself where the wire had it formatted otherwise than `dump` does.
"""

import json
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pydantic_core

FOLDER = Path(__file__).resolve().parents[1] / "recordings"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
GRADES = ("article", "recorded", "quoted", "documented", "reported", "house", "replay")


class BrokenRecording(Exception):
    """A recording that can't be used; the message names the file and the line."""


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and its answer, as recorded or transcribed."""

    method: str
    path: str
    body: object
    key: str | None
    status: int
    headers: dict[str, str]
    answer: object
    grade: str
    source: str
    notebook: str

    @property
    def content(self) -> bytes:
        """The answer's body as it was on the wire."""
        if isinstance(self.answer, str):
            return self.answer.encode()
        return dump(self.answer, self.path)

    @property
    def value(self) -> object:
        """The answer's body as a JSON value."""
        return json.loads(self.answer) if isinstance(self.answer, str) else self.answer


def dump(value: object, path: str) -> bytes:
    """JSON as on the wire: indent 2, UTF-8 unescaped, no newline at the end [recorded].

    POST /responses differs: it escapes all that is not ASCII [recorded].
    """
    if path == "/v1/responses":
        return json.dumps(value, indent=2).encode()
    return pydantic_core.to_json(value, indent=2)


def canonical(body: object) -> str:
    """A body as text that is the same for the same JSON value. Raises ValueError for infinity."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, allow_nan=False)


@dataclass(eq=False)
class Recordings:
    """All exchanges, and the three ways to ask for them."""

    exchanges: list[Exchange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._by_request = defaultdict(list)
        self._first: dict[tuple[str, str], Exchange] = {}
        self._children = defaultdict(list)
        self._replies = defaultdict(list)
        for exchange in self.exchanges:
            request = exchange.method, exchange.path, canonical(exchange.body), exchange.key
            self._by_request[request].append(exchange)
            self._first.setdefault(request[:2], exchange)
            for parent, child in _children(exchange):
                if child["id"] not in {other["id"] for other in self._children[parent]}:
                    self._children[parent].append(child)
            for question, words in _replies(exchange):
                self._replies[question].append(words)

    def of(self, method: str, path: str, body: str, key: str | None = None) -> list[Exchange]:
        """The exchanges recorded for a request, in order. body: `canonical`."""
        return self._by_request.get((method, path, body, key), [])

    def miss(self, method: str, path: str, body: str) -> str:
        """Why a request has no recording left: what the nearest ones differ in."""
        if used := self.of(method, path, body):
            return f"this key has used what {used[-1].notebook} recorded"
        if near := self._first.get((method, path)):
            return f"recorded with another body, in {near.notebook} first"
        return "no recording of this path"

    def children(self, parent: str) -> list[dict]:
        """The messages of a thread, or the items of a conversation, that an answer ever showed.

        What `threads.create` stores, or a run adds, gets its id here: the API shows it later.
        """
        return self._children.get(parent, [])

    def reply(self, api: str, question: str) -> str | None:
        """The words recorded for a question. api: "threads" or "responses"."""
        return next(iter(self._replies.get((api, question), ())), None)


def load(folder: Path = FOLDER) -> Recordings:
    """Every recording in `folder`, in the order of the notebooks.

    Raises BrokenRecording, naming file and line, for one that is missing, truncated or malformed.
    """
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    names += sorted(path.stem for path in folder.glob("*.json") if path.stem not in names)
    return Recordings([exchange for name in names for exchange in read(folder / f"{name}.json")])


def read(file: Path) -> list[Exchange]:
    """The exchanges of one file. Raises BrokenRecording."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenRecording(f"{file}: {error}") from None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenRecording(f"{file}, line {error.lineno}: {error.msg}") from None
    lines = [text.count("\n", 0, m.start()) + 1 for m in re.finditer('^ *"request":', text, re.M)]
    exchanges = []
    try:
        for entry in content["exchanges"]:
            exchanges.append(_exchange(entry, content["notebook"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        line = lines[len(exchanges)] if len(exchanges) < len(lines) else 1
        raise BrokenRecording(f"{file}, line {line}: {reason}") from None
    return exchanges


def write(file: Path, notebook: str, exchanges: list[Exchange]) -> None:
    """Write one file whole or not at all."""
    entries = []
    for e in exchanges:
        key = {} if e.key is None else {"key": e.key}
        entries.append(
            {
                "request": {"method": e.method, "path": e.path, "body": e.body, **key},
                "response": {"status": e.status, "headers": e.headers, "body": e.answer},
                "grade": e.grade,
                "source": e.source,
            }
        )
    text = json.dumps({"notebook": notebook, "exchanges": entries}, ensure_ascii=False, indent=1)
    part = file.with_suffix(".part")
    part.write_text(text + "\n", encoding="utf-8", newline="\n")
    part.replace(file)


def _exchange(entry: dict, notebook: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    if entry["grade"] not in GRADES:
        raise ValueError(f"grade {entry['grade']!r} is none of {', '.join(GRADES)}")
    if not isinstance(response["status"], int) or not isinstance(response["headers"], dict):
        raise ValueError("a response needs a status (a number) and headers (an object)")
    if not isinstance(request["path"], str) or not isinstance(request["method"], str):
        raise ValueError("a request needs a method and a path (strings)")
    exchange = Exchange(
        method=request["method"],
        path=request["path"],
        body=request["body"],
        key=request.get("key"),
        status=response["status"],
        headers=response["headers"],
        answer=response["body"],
        grade=entry["grade"],
        source=entry["source"],
        notebook=notebook,
    )
    if not isinstance(exchange.value, dict):
        raise ValueError("a response's body must be a JSON object")
    return exchange


def _children(exchange: Exchange) -> Iterator[tuple[str, dict]]:
    """(thread or conversation id, message or item) for all that an answer shows."""
    value = exchange.value
    shown = value["data"] if isinstance(value.get("data"), list) else [value]
    conversation = re.match(r"/v1/conversations/([^/?]+)/items", exchange.path)
    for item in shown:
        if item.get("object") == "thread.message" and "thread_id" in item:
            yield item["thread_id"], item
        elif conversation and item.get("type") == "message":
            yield conversation[1], item


def _replies(exchange: Exchange) -> Iterator[tuple[tuple[str, str], str]]:
    """((api, question), words) for every reply that an answer shows."""
    value = exchange.value
    if exchange.path == "/v1/responses" and exchange.status == 200:
        words = [text_of(item) for item in value["output"]]
        if question := asked(exchange.body.get("input")):
            yield ("responses", question), "".join(words)
    elif value.get("object") == "list":
        question = ""
        for message in sorted(value["data"], key=lambda item: item.get("created_at", 0)):
            if message.get("object") != "thread.message":
                continue
            if message["role"] == "user":
                question = text_of(message)
            elif message["run_id"] and question:
                yield ("threads", question), text_of(message)


def first_like(like: dict, shown: Iterable[dict], taken: Container[str]) -> dict:
    """The first of the objects shown that has all of `like` and a free id; {} for none."""
    return next((o for o in shown if o["id"] not in taken and like.items() <= o.items()), {})


def asked(given: object) -> str:
    """The question in what was said: the string, or the last user message's text, "" for none."""
    if isinstance(given, str):
        return given
    for item in reversed(given if isinstance(given, list) else []):
        if item.get("role") == "user":
            content = item["content"]
            return content if isinstance(content, str) else text_of(item)
    return ""


def text_of(message: dict) -> str:
    """The text of a message or an item, its parts joined; "" where it has none."""
    texts = (part.get("text", "") for part in message.get("content") or ())
    return "".join(text["value"] if isinstance(text, dict) else text for text in texts)
