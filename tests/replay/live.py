"""Live: Conversations, Responses, models and files asked of the real API; Threads never.

The client sees the loopback server only and never the real key: it is given a key for this session,
and this module puts the real one in its place.
"""

import re
import string
from collections.abc import AsyncGenerator, Coroutine
from urllib.parse import unquote, urlsplit

import httpx2

from . import errors
from .api import Replay, first_part, own_error, small_enough
from .exchange import Answer, Request

UPSTREAM = "https://api.openai.com/v1"
LIVING = ("conversations", "responses", "models", "files", "vector_stores")
SENT = ("accept", "content-type", "openai-beta", "openai-organization", "openai-project")
# What comes back, and what a recording keeps: no organization, project, cookie, key or user agent.
KEPT = """content-type content-disposition date openai-processing-ms openai-version retry-after
    retry-after-ms www-authenticate x-request-id x-should-retry x-ratelimit-limit-requests
    x-ratelimit-limit-tokens x-ratelimit-remaining-requests x-ratelimit-remaining-tokens
    x-ratelimit-reset-requests x-ratelimit-reset-tokens""".split()
TIMEOUT = 600  # seconds, as the SDK's own: an answer that was paid for is waited for


class Live:
    """The real API for the living half, `replay` for the rest.

    key: the real one, see `usable_key`. upstream: the base URL, see `usable_upstream`. timeout:
    seconds. A client must send the replay's session key.
    """

    def __init__(
        self, replay: Replay, key: str, upstream: str = UPSTREAM, timeout: float = TIMEOUT
    ) -> None:
        self.replay = replay
        self.upstream = usable_upstream(upstream)
        self.timeout = timeout
        self._key = usable_key(key)
        self._client: httpx2.AsyncClient | None = None

    def admit(self, request: Request) -> None:
        """As of the replay: the same host, the same session's key."""
        self.replay.admit(request)

    def answer(self, request: Request) -> Answer | Coroutine[None, None, Answer]:
        """The answer, or its promise where the real API is asked."""
        if first_part(request.path) in LIVING:
            return self._observed(request)
        return self.replay.answer(request)

    async def close(self) -> None:
        """Close the connections to the real API."""
        if self._client is not None:
            await self._client.aclose()

    async def _observed(self, request: Request) -> Answer:
        answer = await self._forward(request)
        self.replay.observe(request, answer)
        return answer

    async def _forward(self, request: Request) -> Answer:
        """The real API's answer; what goes wrong on the way is an error in the API's shape."""
        try:
            self.admit(request)
            small_enough(request)
            if leads_away(request.path):
                raise errors.unknown_path(request.method, request.target)
        except errors.ApiError as error:
            return own_error(error)
        if self._client is None:
            # Loopback is for tests: a proxy must not get what goes there, key and all.
            proxies = self.upstream.startswith("https:")
            self._client = httpx2.AsyncClient(
                timeout=self.timeout,
                trust_env=proxies,
                limits=httpx2.Limits(),  # none: a call must not wait until another one ends
            )
        headers = {name: request.headers[name].encode() for name in SENT if name in request.headers}
        headers["authorization"] = f"Bearer {self._key}".encode()
        url = self.upstream + request.target.removeprefix("/v1")
        sent = self._client.build_request(
            request.method, url, headers=headers, content=request.content
        )
        try:
            response = await self._client.send(sent, stream=True)
            streamed = response.headers.get("content-type", "").startswith("text/event-stream")
            content = b"" if streamed else await response.aread()
        except httpx2.TimeoutException:
            return own_error(errors.upstream_timeout(self.upstream))
        except httpx2.HTTPError as error:  # its text may quote what was sent, the key too
            reason = type(error).__name__
            return own_error(errors.upstream_unreachable(self.upstream, reason))
        kept = {
            name.decode("ascii", "replace"): value.decode("ascii", "replace").replace("\ufffd", "?")
            for name, value in response.headers.raw
            if name.decode("ascii", "replace").lower() in KEPT
        }
        rest = _rest(response) if streamed else None
        return Answer(response.status_code, kept, content, why="", forwarded=True, rest=rest)


async def _rest(response: httpx2.Response) -> AsyncGenerator[bytes]:
    """A stream as it comes. Raises ConnectionError where it breaks off."""
    try:
        async for chunk in response.aiter_bytes():
            yield chunk
    except httpx2.HTTPError as error:
        raise ConnectionError(type(error).__name__) from None
    finally:
        await response.aclose()


def leads_away(path: str) -> bool:
    """Whether a part of a path is `..` or could be taken for it: it has no letter and no digit.

    However often it is percent-encoded, and whatever may end a part for somebody on the way.
    """
    parts = re.split(r"[/\\?#;]", unquote(re.sub("%(?:25)+", "%", path)))
    return any(part and not re.search(r"\w", part) for part in parts)


def usable_key(key: str) -> str:
    """A key without the blanks around it.

    Raises ValueError, without the key, when a header can't hold it.
    """
    key = key.strip()
    if not key or not set(key) <= set(string.ascii_letters + string.digits + string.punctuation):
        raise ValueError(
            "OPENAI_API_KEY has a blank, a control character or a letter that is not ASCII in it."
            " Copy the key again."
        )
    return key


def usable_upstream(url: str) -> str:
    """The base URL of the real API.

    Raises ValueError for one that would give the key away: http to another machine; for a user or a
    password in it; for what is no address.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ValueError("--upstream takes an address such as https://api.openai.com/v1")
    if parts.username is not None or parts.password is not None:
        raise ValueError("--upstream takes no user and no password in its address.")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("--upstream takes http for this machine only: the key would go in clear.")
    return url.rstrip("/")
