"""Live: Conversations, Responses and Models forwarded to the real API; Threads never.

The client sees the loopback server only and never the real key: it is given a key for this session,
and this module puts the real one in its place.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx2

from . import errors
from .server import Answer, Request, check, error_answer, shape_of

UPSTREAM = "https://api.openai.com/v1"
FORWARDED = ("conversations", "responses", "models")  # the living half
SENT = ("accept", "content-type", "openai-beta", "openai-organization", "openai-project")
# What comes back, and what a recording keeps: no organization, project, cookie, key or user agent.
KEPT = """content-type date openai-processing-ms openai-version retry-after retry-after-ms
    www-authenticate x-request-id x-should-retry x-ratelimit-limit-requests
    x-ratelimit-limit-tokens x-ratelimit-remaining-requests x-ratelimit-remaining-tokens
    x-ratelimit-reset-requests x-ratelimit-reset-tokens""".split()


@dataclass(eq=False)
class Live:
    """The way to the real API.

    key: the real one. session_key: what a client must send instead. upstream: the base URL.
    timeout: seconds. captured: called with every request that the real API answered.
    """

    key: str = field(repr=False)
    session_key: str = field(repr=False)
    upstream: str = UPSTREAM
    captured: Callable[[Request, Answer], None] = lambda request, answer: None
    timeout: float = 120
    _client: httpx2.AsyncClient | None = None

    def covers(self, request: Request) -> bool:
        """Whether a request belongs to the living half."""
        return shape_of(request.target.partition("?")[0]).split("/")[0] in FORWARDED

    async def answer(self, request: Request) -> Answer:
        """The real API's answer; what goes wrong on the way is an error in the API's shape."""
        try:
            check(request, self.session_key)
            if {".", ".."} & set(unquote(request.target).split("/")):  # out of the living half
                raise errors.unknown_path(request.method, request.target)
        except errors.ApiError as error:
            return error_answer(error)
        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=self.timeout)
        headers = {name: request.headers[name].encode() for name in SENT if name in request.headers}
        headers["authorization"] = f"Bearer {self.key}".encode()
        try:
            response = await self._client.request(
                request.method,
                self.upstream.rstrip("/") + request.target.removeprefix("/v1"),
                headers=headers,
                content=request.content,
            )
        except httpx2.TimeoutException:
            return error_answer(errors.upstream_timeout(self.upstream))
        except httpx2.HTTPError as error:
            reason = str(error) or type(error).__name__
            return error_answer(errors.upstream_unreachable(self.upstream, reason))
        kept = {name: response.headers[name] for name in KEPT if name in response.headers}
        kept = {name: value.encode("ascii", "replace").decode() for name, value in kept.items()}
        answer = Answer(response.status_code, kept, response.content, why="")
        self.captured(request, answer)
        return answer

    async def close(self) -> None:
        """Close the connections to the real API."""
        if self._client is not None:
            await self._client.aclose()
