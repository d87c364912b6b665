"""The inspector: `GET /` is a page that shows the requests as they come in, and what each key owns.

Who can reach loopback can open the page. In a live session its data is for whoever has its whole
address. Nothing here shows a key: a key is named by a handle that only this server can make, and by
its last four characters.
"""

import json
import re
import secrets
from base64 import b64encode
from collections import deque
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass, replace
from hashlib import blake2b, sha256
from itertools import islice
from pathlib import Path
from time import localtime, strftime, time
from urllib.parse import parse_qsl

from .api import Replay, addressed_here, first_part, own_error
from .errors import ApiError
from .exchange import Answer, Request
from .now import moved, named
from .replies import text_of
from .report import exchange_of
from .resources import BETA
from .scrub import everywhere, hidden, last_four
from .server import App

KEPT = 500  # requests
CONTENT = 2**16  # bytes of a body that are kept
TEXT = 100_000  # characters of a body that are shown
LISTED = 100  # objects of one kind, messages of one thread and so on: the newest
KINDS = ("threads", "conversations", "responses", "assistants", "files", "vector_stores")
PARTS = ("messages", "items", "runs", "steps", "files")
# The headers that matter. None of them holds a key.
SENT = "content-type openai-beta user-agent x-stainless-retry-count".split()
GOT = """content-type x-replay x-request-id openai-version openai-processing-ms openai-poll-after-ms
    www-authenticate retry-after x-ratelimit-remaining-requests x-ratelimit-remaining-tokens
    x-ratelimit-reset-requests x-ratelimit-reset-tokens""".split()
# They would turn round the text that follows them.
TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
PAGE = Path(__file__).with_suffix(".html").read_text(encoding="utf-8")


def _policy() -> str:
    """The page runs its own script and style, by their hashes, and asks its own server only."""
    own = {
        f"{name}-src '{'sha256-' + b64encode(sha256(text.encode()).digest()).decode()}'"
        for name, text in re.findall(r"<(style|script)>(.*?)</\1>", PAGE, re.S)
    }
    none = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; default-src 'none'"
    trusted = "require-trusted-types-for 'script'"  # nothing of it is made from HTML, either
    return "; ".join((none, *sorted(own), "connect-src 'self'", trusted))


# No other origin may read, frame or embed what is here, and nothing of it is kept on a disk.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _policy(),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(eq=False, slots=True)
class Seen:
    """A request and its answer; of a large body, the beginning. size: the answer's, in bytes."""

    number: int
    time: float
    request: Request
    answer: Answer
    size: int


class Inspector:
    """`app`, and the page beside it. Observes `replay`.

    secret: the real key of a live session, which no body that is shown may hold. token: what a
    reader of a live session's data must have; of another session "".
    """

    def __init__(self, app: App, replay: Replay, secret: str = "") -> None:
        self.app = app
        self.replay = replay
        self.secret = secret
        self.seen: deque[Seen] = deque(maxlen=KEPT)
        self.count = 0
        self.salt = secrets.token_bytes(16)
        self.token = secrets.token_urlsafe(16) if replay.session_key else ""
        self.looks = {
            "/inspector/requests": self._requests,
            "/inspector/request": self._request,
            "/inspector/objects": self._objects,
            "/inspector/object": self._object,
        }
        replay.observers.append(self)

    def admit(self, request: Request) -> None:
        """As of the app."""
        self.app.admit(request)

    def answer(self, request: Request) -> Answer | Awaitable[Answer]:
        """The page and what it asks for; of the app, all the rest."""
        path = request.path
        if path.startswith("/v1/") or request.method not in ("GET", "HEAD"):
            return self.app.answer(request)
        if path == "/favicon.ico":  # a browser asks for it by itself
            return Answer(204, {}, b"", "")
        if path != "/" and path not in self.looks:
            return self.app.answer(request)
        try:
            addressed_here(request)
        except ApiError as error:
            return own_error(error)
        if path == "/":
            headers = HEADERS | {"Content-Type": "text/html; charset=utf-8"}
            return Answer(200, headers, PAGE.encode(), "")
        if self.token and not secrets.compare_digest(request.key.encode(), self.token.encode()):
            status, value = 401, "Open the whole address of this page, as the command printed it."
        else:
            value = self.looks[path](dict(parse_qsl(request.target.partition("?")[2])))
            status = 404 if value is None else 200
        headers = HEADERS | {"Content-Type": "application/json"}
        return Answer(status, headers, json.dumps(value).encode(), "")

    def address(self, base_url: str) -> str:
        """The page's. The token stands where no server gets it, and no log has it."""
        return base_url.removesuffix("v1") + (self.token and f"#{self.token}")

    async def close(self) -> None:
        """Close the app."""
        await self.app.close()

    def __call__(self, request: Request, answer: Answer) -> None:
        """Keep a request and its answer. All other work waits until somebody looks."""
        self.count += 1
        size = len(answer.content)
        if len(request.content) > CONTENT:
            request = replace(request, content=request.content[:CONTENT])
        kept = answer
        if size > CONTENT or answer.rest is not None:
            kept = replace(answer, content=answer.content[:CONTENT], rest=None)
        seen = Seen(self.count, time(), request, kept, size)
        if answer.rest is not None:
            answer.rest = _copied(answer.rest, seen)
        self.seen.append(seen)

    # What the page asks for: its query in, a JSON value out, None for what is not there.

    def _requests(self, query: dict[str, str]) -> dict:
        """The requests after the one of that number, oldest first, and the keys that there are."""
        after = _number(query.get("after"))
        new = [seen for seen in self.seen if seen.number > after]
        keys = set(islice(reversed(self.replay.projects), KEPT)) if new else set()
        keys |= {seen.request.key for seen in new if seen.request.key}
        return {
            "server": self.handle("server"),
            "live": bool(self.replay.session_key),
            "last": self.count,
            "keys": {self.handle(key): last_four(key) for key in keys},
            "requests": [self._row(seen) for seen in new],
        }

    def _row(self, seen: Seen) -> dict:
        request, answer = seen.request, seen.answer
        row = {
            "number": seen.number,
            "time": strftime("%H:%M:%S", localtime(seen.time)),
            "method": request.method[:20],
            "path": request.target[:2000],
            "status": answer.status,
            "who": answer.who,
            "why": "; ".join(filter(None, (answer.why, *answer.remarks))),
        }
        named = {"key": self.handle(request.key), "label": last_four(request.key)}
        return named | self._shown(row, request.key)

    def _request(self, query: dict[str, str]) -> dict | None:
        """One request with its answer: headers and bodies."""
        number = _number(query.get("number"))
        seen = next((seen for seen in self.seen if seen.number == number), None)
        if seen is None:
            return None
        request, answer = seen.request, seen.answer
        sent = {name: request.headers[name] for name in SENT if name in request.headers}
        names = {name.lower(): text for name, text in answer.headers.items()}
        got = {name: names[name] for name in GOT if name in names}
        value = {
            "request": {"headers": sent} | _body(request.content, request.size),
            "answer": {"headers": got} | _body(answer.content, seen.size),
            "now": self._now(seen),
        }
        return self._shown(value, request.key)

    def _now(self, seen: Seen) -> dict | None:
        """What a call of the old API is now, as far as the requests that are kept tell; None for
        another API's."""
        if first_part(seen.request.path) not in BETA or seen.answer.forwarded:
            return None
        same_key = [one for one in self.seen if one.request.key == seen.request.key]
        exchanges = {id(one): exchange_of(one) for one in same_key if is_whole(one)}
        wanted = exchanges.get(id(seen))
        taught = self.replay.taught
        for entry in moved(exchanges.values(), taught.content.objects if taught else {}):
            if entry.exchange is wanted:
                code = named(entry.whole)
                why = entry.why or ("It was refused: nothing to move." if entry.refused else "")
                why = "It was made elsewhere: name it with --replies." if entry.missing else why
                return {"code": code, "why": why, "lost": entry.lost, "decide": entry.decide}
        return None

    def _objects(self, query: dict[str, str]) -> dict:
        """What a key owns: of each kind how many, and the newest, oldest of them first."""
        key, owned = self._owned(query)
        found = {kind: _list(owned[kind], summary) for kind in owned}
        return self._shown(found, key)

    def _object(self, query: dict[str, str]) -> dict | None:
        """One object of a key with all that it contains."""
        key, owned = self._owned(query)
        kind, id = query.get("kind"), query.get("id")
        if kind not in owned or id not in owned[kind]:
            return None
        return self._shown(whole(owned[kind][id]), key)

    def _owned(self, query: dict[str, str]) -> tuple[str, dict[str, dict]]:
        """A handle's key and what it owns. To look changes nothing, not even who was here last."""
        wanted = query.get("key", "")
        for key, project in self.replay.projects.items():
            if self.handle(key) == wanted:
                return key, {kind: getattr(project, kind) for kind in KINDS}
        return "", {}

    def handle(self, key: str) -> str:
        """A name for a key that gives nothing of it away."""
        return blake2b(key.encode("utf-8", "replace"), key=self.salt, digest_size=6).hexdigest()

    def _shown(self, value: object, key: str) -> object:
        """A JSON value without keys: the request's own, this session's, whatever looks like one."""
        keys = (key, self.replay.session_key or "", self.secret)
        return everywhere(value, lambda text: TURNING.sub(_escaped, hidden(text, keys)))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def is_whole(seen: Seen) -> bool:
    """Whether all of a request of the old API, and of its answer, is kept."""
    whole = len(seen.request.content) == seen.request.size and len(seen.answer.content) == seen.size
    return whole and first_part(seen.request.path) in BETA and seen.answer.status not in (401, 413)


def _number(text: str | None) -> int:
    """A number as the page sends it; 0 for anything else."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else 0


def _body(content: bytes, size: int) -> dict:
    text = pretty(content)
    return {"size": size, "text": text[:TEXT], "cut": len(content) < size or len(text) > TEXT}


def pretty(content: bytes) -> str:
    """JSON with indent 2; what is none, or only its beginning, as it is."""
    text = content.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, allow_nan=False, indent=2)
    except (ValueError, RecursionError):
        return text


def parts_of(item: object) -> dict[str, dict]:
    """What a thread, a conversation, a response or a run contains."""
    found = {name: getattr(item, name, None) for name in PARTS}
    return {name: part for name, part in found.items() if isinstance(part, dict)}


def summary(item: object) -> dict:
    """An object in a line: its id, its words, name or state, and how much it contains."""
    body = item if isinstance(item, dict) else item.body
    words = body.get("filename") or body.get("status", "")
    if "role" in body:
        words = f"{body['role']}: {text_of(body)[:300]}"
    counts = [
        f"{len(part)} {name.removesuffix('s') if len(part) == 1 else name}"
        for name, part in parts_of(item).items()
    ]
    about = ", ".join(filter(None, (words, *counts)))
    return {"id": body["id"], "about": about or body.get("type") or ""}


def whole(item: object) -> dict:
    """An object with its body and all that it contains."""
    body = item if isinstance(item, dict) else item.body
    text = json.dumps(body, ensure_ascii=False, indent=2)
    parts = {name: _list(part, whole) for name, part in parts_of(item).items()}
    return summary(item) | {"text": text[:TEXT], "cut": len(text) > TEXT, "parts": parts}


def _list(objects: dict, shown) -> dict:
    """How many objects there are, and the newest of them as `shown` gives them."""
    newest = list(islice(reversed(objects.values()), LISTED))
    return {"count": len(objects), "newest": [shown(item) for item in reversed(newest)]}


async def _copied(rest: AsyncGenerator[bytes], seen: Seen) -> AsyncGenerator[bytes]:
    """A stream as it comes; its beginning is kept."""
    async with aclosing(rest):
        async for chunk in rest:
            seen.answer.content += chunk[: CONTENT - len(seen.answer.content)]
            seen.size += len(chunk)
            yield chunk
