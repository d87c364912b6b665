"""Record: what the real API answered, sorted into the notebooks' files, scrubbed.

A request's notebook is told by the ids in it, or by its body, which no other notebook sends; one
that all send (the setup cell's) belongs to the notebook that speaks next.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from . import recordings
from .recordings import Exchange, Recordings, canonical
from .server import HOST, Answer, Replay, Request, shape_of

ID = re.compile(r"\b(?:conv|resp|msg)_[0-9a-zA-Z]{8,}")
SECRETS = (
    (re.compile(r"\bsk-[A-Za-z0-9*_-]+"), "sk-..."),
    (re.compile(r"\borg-[A-Za-z0-9]{12,}"), "org-abc123xyz789"),
    (re.compile(r"\bproj_[A-Za-z0-9]{12,}"), "proj_abc123xyz789"),
    (re.compile(r"\buser-[A-Za-z0-9]{12,}"), "user-abc123xyz789"),
)


class Recorder:
    """Collects a session's exchanges by notebook, in order; writes those that are complete."""

    def __init__(self, old: Recordings, upstream: str) -> None:
        self.old = old
        self.source = f"Captured from {upstream} on {datetime.now(UTC):%Y-%m-%d}."
        self.sessions: dict[str, list[Exchange]] = {}
        self._owners: dict[str, str] = {}
        self._pending: list[Exchange] = []
        self._last = ""
        self._notebooks: dict[tuple, set[str]] = {}
        for exchange in old.exchanges:
            asked = _masked(exchange.method, exchange.path, exchange.body)
            self._notebooks.setdefault(asked, set()).add(exchange.notebook)

    def replayed(self, exchange: Exchange) -> None:
        """A Threads request was answered from the recordings: it stays as it is."""
        self._keep(exchange, exchange.notebook)

    def captured(self, request: Request, answer: Answer) -> None:
        """A request was answered by the real API.

        What isn't JSON (a stream) is not recorded, and neither is what a moment later would be
        answered otherwise (a rate limit, a fault of the server's): the SDK asks again.
        """
        if answer.status == 429 or answer.status >= 500:
            return
        try:
            body = json.loads(request.content) if request.content else None
            text = answer.content.decode()
            value = json.loads(text)
            asked = _masked(request.method, request.target, body)
        except ValueError:
            return
        notebook = self._notebook_of(request, asked)
        plain = scrubbed(text)
        if recordings.dump(value, request.target) == answer.content:
            plain = json.loads(plain)
        exchange = Exchange(
            method=request.method,
            path=request.target,
            body=json.loads(scrubbed(json.dumps(body))),
            key=None,
            status=answer.status,
            headers={name: scrubbed(value) for name, value in answer.headers.items()},
            answer=plain,
            grade="recorded",
            source=self.source,
            notebook=notebook,
        )
        if not notebook:
            self._pending.append(exchange)
            return
        self._keep(exchange, notebook)
        for id in ID.findall(text):
            self._owners.setdefault(id, notebook)

    def write(self, folder: Path = recordings.FOLDER) -> list[str]:
        """Write each notebook that was run whole; one line each that says what became of it."""
        lines = []
        for notebook, session in self.sessions.items():
            before = [exchange for exchange in self.old.exchanges if exchange.notebook == notebook]
            missing = Counter(map(_shape, before)) - Counter(map(_shape, session))
            missing -= Counter(_shape(e) for e in before if e.key is not None)
            if missing:
                count = missing.total()
                lines.append(f"{notebook}: left as it was, {count} of its requests were not made")
                continue
            session += [e for e in before if e.key is not None and e not in session]
            file = folder / f"{Path(notebook).stem}.json"
            recordings.write(file, notebook, session)
            new = sum(exchange.source == self.source for exchange in session)
            lines.append(f"{notebook}: {new} of {len(session)} exchanges captured")
            lines += [f"  the rules give another answer: {line}" for line in differences(session)]
        return lines

    def _notebook_of(self, request: Request, asked: tuple) -> str:
        """Whose request it is; "" when that shows later. asked: the request, `_masked`."""
        for id in ID.findall(f"{request.target} {request.content!r}"):
            if id in self._owners:
                return self._owners[id]
        known = self._notebooks.get(asked, {self._last})
        return next(iter(known)) if len(known) == 1 else ""

    def _keep(self, exchange: Exchange, notebook: str) -> None:
        self._last = notebook
        session = self.sessions.setdefault(notebook, [])
        session += self._pending
        self._pending = []
        session.append(exchange)


def ask(replay: Replay, exchange: Exchange) -> Answer:
    """An exchange's request, answered by the rules."""
    headers = {
        "Authorization": f"Bearer {exchange.key or 'sk-fresh'}",
        "OpenAI-Beta": "assistants=v2",
        "Host": HOST,
    }
    content = b"" if exchange.body is None else json.dumps(exchange.body).encode()
    return replay.answer(Request(exchange.method, exchange.path, headers, content))


def differences(exchanges: list[Exchange]) -> list[str]:
    """The exchanges that the rules, replaying them in order on a fresh key, do not reproduce."""
    replay = Replay(Recordings(exchanges))
    found = []
    for exchange in exchanges:
        answer = ask(replay, exchange)
        same = (answer.status, answer.content) == (exchange.status, exchange.content)
        if not (same and exchange.headers.items() <= answer.headers.items()):
            found.append(f"{exchange.method} {exchange.path}: {answer.why or 'other headers'}")
    return found


def scrubbed(text: str) -> str:
    """Text without keys, organizations and projects."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _masked(method: str, path: str, body: object) -> tuple[str, str, str]:
    """A request without its ids and its model: what stays the same from session to session."""
    if isinstance(body, dict) and "model" in body:
        body = body | {"model": "*"}
    path = "/v1/models/*" if path.startswith("/v1/models/") else path
    return method, ID.sub("*", path), ID.sub("*", canonical(body))


def _shape(exchange: Exchange) -> tuple[str, str]:
    return exchange.method, shape_of(exchange.path.partition("?")[0])
