"""What `tests.refresh --record` keeps: a notebook's exchanges with the real API, scrubbed."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pydantic_core

from .replay.api import CASE, Replay
from .replay.exchange import Answer, Exchange, Request, encode
from .replay.server import HOST

# What is secret, and what stands for it. Keys and tokens also count behind a letter or a `_`; then
# a digit in them, or a mask, tells them from words such as disk-space.
SECRETS = (
    (
        re.compile(
            r"(?:sk|rk|ek|pk|sess|gsk|ghp|gho|hf|xox[abp]|AIza|AKIA)[-_](?=[\w*-]*[\d*])[\w*-]{6,}"
        ),
        "sk-...",
    ),
    (re.compile(r"\bsk-[\w*-]+"), "sk-..."),
    (re.compile(r"eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), "sk-..."),
    (re.compile(r"org-\w{12,}"), "org-abc123xyz789"),
    (re.compile(r"proj_\w{12,}"), "proj_abc123xyz789"),
    (re.compile(r"user-\w{12,}"), "user-abc123xyz789"),
    (re.compile(r"acct_\w{8,}"), "acct_abc123xyz789"),
    (re.compile(r"[\w.%+-]+@[\w-]+\.[\w.-]+"), "user@example.com"),
    (re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"), "192.0.2.1"),
    (re.compile(r"\b(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}\b"), "2001:db8::1"),
)


class Session:
    """An observer of one notebook's requests: what it asked and was answered, in order.

    key: the real key, which no exchange may hold.
    """

    def __init__(self, notebook: str, upstream: str, key: str) -> None:
        self.notebook = notebook
        self.source = f"Captured from {upstream} on {datetime.now(UTC):%Y-%m-%d}."
        self.key = key
        self.exchanges: list[Exchange] = []

    def __call__(self, request: Request, answer: Answer) -> None:
        """One request and its answer.

        Not kept is what a moment later would be answered otherwise (a rate limit, a fault of the
        server's): the SDK asks again. Nor is what is neither a JSON object nor a whole stream.
        """
        if answer.exchange and not answer.why:
            self.exchanges.append(answer.exchange)
        elif answer.forwarded and answer.status != 429 and answer.status < 500:
            if answer.rest is not None:
                answer.rest = self._listened(request, answer, answer.rest)
                return
            with suppress(ValueError, RecursionError):
                text = answer.content.decode()
                value = json.loads(text)
                plain = scrubbed(value, self.key)
                if plain == value and encode(value, request.target) != answer.content:
                    plain = text
                if isinstance(value, dict):
                    self._keep(request, answer, plain)

    async def _listened(
        self, request: Request, answer: Answer, rest: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """A stream, passed on as it comes, and kept when it has come to its end."""
        chunks = []
        async for chunk in rest:
            chunks.append(chunk)
            yield chunk
        with suppress(ValueError, RecursionError):
            lines = []
            for part in b"".join(chunks).splitlines(keepends=True):
                line = part.decode()
                if line.startswith("data: {"):
                    value = json.loads(line.removeprefix("data: "))
                    plain = scrubbed(value, self.key)
                    if plain != value:
                        line = f"data: {pydantic_core.to_json(plain).decode()}\n"
                lines.append(line)
            self._keep(request, answer, "".join(lines))

    def _keep(self, request: Request, answer: Answer, plain: object) -> None:
        sent = json.loads(request.content) if request.content else None
        names = {CASE.get(name.lower(), name): text for name, text in answer.headers.items()}
        self.exchanges.append(
            Exchange(
                method=request.method,
                path=request.target,
                request_body=scrubbed(sent, self.key),
                key=None,
                status=answer.status,
                headers=scrubbed(names, self.key),
                response_body=plain,
                grade="recorded",
                source=self.source,
                notebook=self.notebook,
            )
        )


def scrubbed(value: object, key: str = "") -> object:
    """A JSON value without keys, organizations, projects, users, accounts and addresses."""
    if isinstance(value, list):
        return [scrubbed(part, key) for part in value]
    if isinstance(value, dict):
        return {scrubbed(name, key): scrubbed(part, key) for name, part in value.items()}
    if isinstance(value, str):
        if key:
            value = value.replace(key, "sk-...")
        for pattern, instead in SECRETS:
            value = pattern.sub(instead, value)
    return value


def ask(replay: Replay, exchange: Exchange) -> Answer:
    """An exchange's request, answered by the rules."""
    headers = {
        "Authorization": f"Bearer {exchange.key or 'sk-fresh'}",
        "OpenAI-Beta": "assistants=v2",
        "Host": HOST,
    }
    body = exchange.request_body
    content = b"" if body is None else json.dumps(body).encode()
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
