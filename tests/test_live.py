"""Live and record, against an upstream of the tests' own. No real host is ever contacted."""

import asyncio
import gc
import json
import logging
import os
import socket
import time
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from openai import APIConnectionError, APIStatusError, OpenAI

from .help import ROOT, WAIT, headers, place, raw, run_command, wait_until
from .replay import recordings, server
from .replay.api import BODY_LIMIT, Replay
from .replay.exchange import Answer, Request
from .replay.inspector import Inspector
from .replay.live import Live
from .replay.project import Project
from .replay.replies import Reply
from .replay.server import serving

REAL_KEY = "sk-proj-RealKeyThatMustNotLeak0123456789"
SESSION = "sk-replay-session"
HEADERS = headers(SESSION)
WORDS = "Words that only the upstream has."
SECRETS = (REAL_KEY, "org-UpstreamSecret", "proj_UpstreamSecret", "cookie-secret")


class Upstream(Replay):
    """Stands in for the real API: other ids, other words, and headers that must not pass."""

    def __init__(self) -> None:
        super().__init__()
        self.recordings.reply_to = lambda api, turn: Reply(WORDS)
        self.projects[REAL_KEY] = Project(now=1800000000, serial=5000)
        self.asked: list[Request] = []

    def answer(self, request: Request) -> Answer:
        self.asked.append(request)
        answer = super().answer(request)
        answer.headers |= {
            "openai-organization": "org-UpstreamSecret",
            "openai-project": "proj_UpstreamSecret",
            "set-cookie": "__cf_bm=cookie-secret",
        }
        del answer.headers["x-replay"]
        return answer


class Stream:
    """An upstream that streams some chunks, and may break off."""

    def __init__(self, *chunks: bytes, breaks: bool = False, **headers: str) -> None:
        self.chunks, self.breaks = chunks, breaks
        self.headers = {"content-type": "text/event-stream"} | headers

    def admit(self, request: Request) -> None: ...

    async def answer(self, request: Request) -> Answer:
        return Answer(200, self.headers, b"", "", rest=self.rest())

    async def rest(self) -> AsyncGenerator[bytes]:
        for chunk in self.chunks:
            yield chunk
        if self.breaks:
            raise ConnectionError

    async def close(self) -> None: ...


def event(kind: str, **data) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | data)}\n\n".encode()


CREATED = event("response.created", response={"id": "resp_1", "output": []})
COMPLETED = event("response.completed", response={"id": "resp_1", "output": []})


@pytest.fixture
def upstream() -> Iterator[tuple[Upstream, str]]:
    api = Upstream()
    with serving(api) as url:
        yield api, url


def live(upstream_url: str, exchanges: tuple = (), **options) -> Live:
    return Live(Replay(exchanges, session_key=SESSION), REAL_KEY, upstream_url, **options)


def client(url: str, key: str = SESSION) -> OpenAI:
    return OpenAI(base_url=url, api_key=key, max_retries=0)


def test_the_living_half_goes_upstream_with_the_real_key_and_comes_back_whole(upstream):
    api, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        raw = client(url).conversations.with_raw_response.create(metadata={"k": "日本"})
        response = client(url).responses.create(
            model="gpt-5.4", conversation=raw.parse().id, input="Anything"
        )
    first = api.asked[0]
    assert (first.method, first.target) == ("POST", "/v1/conversations")
    assert json.loads(first.content) == {"metadata": {"k": "日本"}}
    assert first.headers.get_list("Authorization") == [f"Bearer {REAL_KEY}"]
    assert SESSION not in str(api.asked[0].headers)
    assert raw.parse().created_at == 1800000001
    assert response.output_text == WORDS
    assert raw.headers["x-request-id"].startswith("req_")
    assert "x-replay" not in raw.headers
    assert not any(secret in str(raw.headers) for secret in SECRETS)


def test_of_the_clients_headers_those_that_matter_go_upstream(upstream):
    api, upstream_url = upstream
    sent = {
        "Accept": "text/event-stream",
        "Content-Type": "application/json; charset=utf-8",
        "OpenAI-Beta": "x=v1",
        "OpenAI-Organization": "org-mine",
        "OpenAI-Project": "proj_mine",
    }
    others = {"Authorization": f"Bearer {SESSION}", "Cookie": "a=b", "X-Stainless-Lang": "python"}
    with serving(live(upstream_url)) as url:
        httpx2.post(f"{url}/conversations", headers=sent | others, content=b"{}")
    got = api.asked[0].headers
    assert {name: got[name] for name in sent} == sent
    assert "Cookie" not in got
    assert "X-Stainless-Lang" not in got


def test_threads_never_go_upstream(upstream):
    api, upstream_url = upstream
    with serving(live(upstream_url, recordings.load())) as url:
        threads = client(url).beta.threads
        assert threads.retrieve(threads.create().id).object == "thread"
        assert client(url).beta.assistants.create(model="gpt-4o").object == "assistant"
        assert httpx2.post(f"{url.removesuffix('v1')}openai/threads").status_code == 404
    assert api.asked == []


@pytest.mark.parametrize(
    ("key", "code"), [("sk-somebody-else", "not_this_session"), ("wrong", "invalid_api_key")]
)
def test_only_the_sessions_key_may_spend_the_real_one(upstream, key: str, code: str):
    api, upstream_url = upstream
    with serving(live(upstream_url)) as url, pytest.raises(APIStatusError) as error:
        client(url, key).conversations.create()
    assert (error.value.status_code, error.value.code) == (401, code)
    assert api.asked == []


def test_upstream_errors_pass_through_byte_for_byte(upstream):
    _, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        there = httpx2.get(
            f"{upstream_url}/conversations/conv_1",
            headers=HEADERS | {"Authorization": f"Bearer {REAL_KEY}"},
        )
        here = httpx2.get(f"{url}/conversations/conv_1", headers=HEADERS)
    assert (here.status_code, here.content) == (404, there.content)


def test_a_refused_connection_is_a_clear_error_in_the_apis_shape():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with (
        serving(live(f"http://127.0.0.1:{free}/v1")) as url,
        pytest.raises(APIStatusError) as error,
    ):
        client(url).conversations.create()
    assert (error.value.status_code, error.value.code) == (502, "upstream_unreachable")
    assert list(error.value.body) == ["message", "type", "param", "code"]


def test_an_upstream_that_never_answers_is_a_clear_error_in_the_apis_shape():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        with serving(live(url, timeout=0.2)) as url, pytest.raises(APIStatusError) as error:
            client(url).conversations.create()
    assert (error.value.status_code, error.value.code) == (504, "upstream_timeout")


@pytest.mark.parametrize("key", ["", "sk-replay-any-key-will-do"])
def test_without_a_real_key_live_says_what_to_set(tmp_path: Path, key: str):
    env = os.environ | {"OPENAI_API_KEY": key, "PYTHONPATH": str(ROOT)}
    done = run_command("--live", "--port", "0", cwd=tmp_path, env=env)
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("status", [520, 299, 429])
def test_an_odd_status_passes_through(status: int):
    class Odd(Replay):
        def answer(self, request: Request) -> Answer:
            return Answer(status, {"x-request-id": "req_\xe9"}, b"<html>", "")

    with (
        serving(Odd()) as upstream_url,
        serving(live(upstream_url)) as url,
    ):
        sent = HEADERS | {"Accept": "caf\xe9".encode()}
        answer = httpx2.get(f"{url}/models/gpt-5.4", headers=sent, timeout=30)
    assert (answer.status_code, answer.content) == (status, b"<html>")


def test_in_a_live_session_threads_want_the_sessions_key_too(upstream):
    _, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        assert client(url).beta.threads.create().object == "thread"
        for key in ("sk-other", "sk-\xe9"):
            sent = headers(key) | {"Authorization": f"Bearer {key}".encode()}
            for path in ("threads", "conversations"):
                answer = httpx2.post(f"{url}/{path}", headers=sent, timeout=30)
                assert answer.status_code == 401


@pytest.mark.parametrize(
    "path",
    """models/../files models/%2e%2e/threads responses/./x models/..?x=1 models/..#x models/%2E.?x
    models/%252e%25252e models/..%2ffiles models/..%5cfiles models/..\\files models/..;x/files
    models/..%3Bx models/..%3fx models/..%00/x models/... models/%c0%ae%c0%ae/x
    models/%20../x""".split(),
)
def test_no_path_leads_out_of_the_living_half(upstream, path: str):
    api, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        head = f"GET /v1/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SESSION}"
        answer = raw(url, f"{head}\r\nConnection: close\r\n\r\n".encode(), wait=30)
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert api.asked == []


def test_other_paths_go_upstream_as_they_are(upstream):
    api, upstream_url = upstream
    paths = ["models/ft:gpt-4o:acme::Ab1", "responses/resp_1?after=..&x=/../y", "models/a%2Fb.c"]
    with serving(live(upstream_url)) as url:
        for path in paths:
            httpx2.get(f"{url}/{path}", headers=HEADERS)
    assert [request.target for request in api.asked] == [f"/v1/{path}" for path in paths]


@pytest.mark.parametrize("key", [f"{REAL_KEY} ", f"{REAL_KEY}\n", f"\t{REAL_KEY}\r"])
def test_a_key_with_blanks_around_it_works_and_is_in_no_answer(upstream, key: str):
    api, upstream_url = upstream
    with serving(Live(Replay(session_key=SESSION), key, upstream_url)) as url:
        assert client(url).conversations.create().object == "conversation"
    assert api.asked[0].headers["Authorization"] == f"Bearer {REAL_KEY}"


@pytest.mark.parametrize("key", ["", " ", "sk-a b", "sk-a\nb", "sk-\xe9", "sk-\0"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_told(key: str):
    with pytest.raises(ValueError, match="OPENAI_API_KEY has a blank") as error:
        Live(Replay(), key)
    assert "sk-" not in str(error.value)


def test_what_the_transport_says_is_in_no_answer(monkeypatch):
    """Its errors quote what was sent: a header, an address."""

    async def broken(*_, **__):
        raise httpx2.LocalProtocolError(f"Illegal header value b'Bearer {REAL_KEY}'")

    monkeypatch.setattr(httpx2.AsyncClient, "send", broken)
    with serving(live("http://127.0.0.1:9/v1")) as url:
        answer = httpx2.get(f"{url}/models/gpt-5.4", headers=HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, "upstream_unreachable")
    assert REAL_KEY not in answer.text
    assert "LocalProtocolError" in answer.text


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://example.com/v1", "http for this machine only"),
        ("https://user:secret@example.com/v1", "no user and no password"),
        ("https://secret@example.com/v1", "no user and no password"),
        ("http://127.0.0.1:99999/v1", "takes an address"),
        ("ftp://example.com", "takes an address"),
        ("nonsense", "takes an address"),
        ("https://[::1", "takes an address"),
    ],
)
def test_an_upstream_that_would_give_the_key_away_is_refused(url: str, says: str):
    with pytest.raises(ValueError, match=says) as error:
        Live(Replay(), REAL_KEY, url)
    assert "secret" not in str(error.value)


def test_no_proxy_gets_what_goes_to_an_upstream_on_this_machine(upstream, monkeypatch):
    _, upstream_url = upstream
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")
        http = httpx2.Client(trust_env=False)
        with serving(live(upstream_url)) as url:
            assert http.get(f"{url}/models/gpt-5.4", headers=HEADERS).status_code == 200


def test_a_stream_passes_through_as_it_comes():
    """The first event is there before the upstream has sent the second."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    with (
        socket.create_server(("127.0.0.1", 0)) as upstream,
        serving(live(f"http://127.0.0.1:{upstream.getsockname()[1]}/v1")) as url,
        ThreadPoolExecutor(2) as pool,
    ):
        accepted = pool.submit(upstream.accept)
        request = httpx2.Request("POST", f"{url}/responses", headers=HEADERS, content=b"{}")
        sending = pool.submit(lambda: httpx2.Client().send(request, stream=True))
        with accepted.result(30)[0] as connection:
            asked = b""
            while not asked.endswith(b"\r\n\r\n{}"):
                asked += connection.recv(65536)
            connection.sendall(head + b"data: 1\n\n")
            events = sending.result(30).iter_raw()
            assert next(events) == b"data: 1\n\n"
            connection.sendall(b"data: 2\n\n")
            assert next(events) == b"data: 2\n\n"
        assert list(events) == []


def test_a_body_over_the_limit_is_not_sent_on_without_itself(upstream):
    api, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        answer = httpx2.post(f"{url}/responses", headers=HEADERS, content=b" " * (BODY_LIMIT + 1))
    assert answer.status_code == 413
    assert api.asked == []


@pytest.mark.parametrize(
    "api",
    [Stream(CREATED, breaks=True), Stream(b"\x1f\x8bno gzip", **{"content-encoding": "gzip"})],
    ids=["cut", "broken gzip"],
)
def test_a_stream_that_breaks_off_is_as_broken_for_the_client(api: Stream):
    found = []
    with serving(api) as there, serving(live(there)) as here:
        for url, key in ((there, REAL_KEY), (here, SESSION)):
            told = client(url, key).responses.create(model="gpt-5.4", input="x", stream=True)
            events = []
            with pytest.raises(APIConnectionError):
                events += (one.type for one in told)
            found.append(events)
    assert found[0] == found[1]


def test_a_stream_to_a_client_that_knows_no_chunks_ends():
    with serving(Stream(CREATED, COMPLETED)) as there, serving(live(there)) as url:
        head = f"GET /v1/models/x HTTP/1.0\r\nHost: localhost\r\nAuthorization: Bearer {SESSION}"
        with socket.create_connection(place(url), timeout=30) as connection:
            connection.sendall(f"{head}\r\nConnection: keep-alive\r\n\r\n".encode())
            answer = connection.makefile("rb").read()
    assert answer.endswith(b"\r\n\r\n" + CREATED + COMPLETED)


class Endless(Stream):
    """An upstream that never comes to an end of its answers; it counts those that go on."""

    open = 0

    async def rest(self) -> AsyncGenerator[bytes]:
        self.open += 1
        try:
            while True:
                yield b"x" * 500_000
        finally:
            self.open -= 1


class Silent(Endless):
    """One that does not come to a beginning."""

    async def answer(self, request: Request) -> Answer:
        self.open += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.open -= 1


@pytest.mark.parametrize("api", [Endless(), Silent()], ids=["endless", "silent"])
def test_a_client_that_hangs_up_leaves_nothing_behind(api: Endless, caplog):
    """No task, and no call that is paid for; also where a write waits for the client to read."""
    head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SESSION}"
    with serving(api) as there:
        replay = Replay(session_key=SESSION)
        with serving(Inspector(Live(replay, REAL_KEY, there), replay)) as url:
            for n in range(20):
                with socket.create_connection(place(url), timeout=30) as connection:
                    connection.sendall(f"{head}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
                    wait_until(lambda: api.open)
                    time.sleep(0.001 * n)
            wait_until(lambda: not api.open)
            gc.collect()
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_client_that_had_hung_up_before_its_request_was_read_is_not_paid_for(monkeypatch):
    finish, ended = server._Message.finish, []

    def hung_up(message: server._Message) -> None:
        message.connection.stream.close()
        finish(message)

    class Waiting(Stream):
        async def answer(self, request: Request) -> Answer:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append(request.path)
                raise

    monkeypatch.setattr(server._Message, "finish", hung_up)
    with serving(Waiting()) as url:
        raw(url, b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n", wait=WAIT)
        wait_until(lambda: ended)


def test_a_server_that_stops_waits_for_its_calls_to_end():
    class Leaving(Endless):
        async def answer(self, request: Request) -> Answer:
            self.open += 1
            try:
                await asyncio.Event().wait()
            finally:
                for _ in range(10):
                    await asyncio.sleep(0)
                self.open -= 1

    api = Leaving()
    with serving(api) as url, socket.create_connection(place(url)) as connection:
        connection.sendall(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: api.open)
    assert not api.open


def test_the_101st_call_at_a_time_does_not_wait_for_the_others():
    class Together(Stream):
        count = 0

        async def answer(self, request: Request) -> Answer:
            self.count += 1
            if self.count == 101:
                together.set()
            await together.wait()
            return Answer(200, {}, b"{}", "")

    async def ask(url: str) -> list[Answer]:
        app = live(url)
        request = Request("GET", "/v1/models/x", HEADERS | {"Host": "localhost"})
        async with asyncio.timeout(60):
            answers = await asyncio.gather(*(app.answer(request) for _ in range(101)))
        await app.close()
        return answers

    together = asyncio.Event()
    with serving(Together()) as url:
        assert [answer.status for answer in asyncio.run(ask(url))] == [200] * 101


def test_a_fault_while_a_call_waits_is_an_answer_in_the_apis_shape(monkeypatch, capsys):
    async def broken(*_) -> Answer:
        raise RuntimeError(REAL_KEY)

    monkeypatch.setattr(Live, "_forward", broken)
    with serving(live("http://127.0.0.1:9/v1")) as url:
        answer = httpx2.get(f"{url}/models/x", headers=HEADERS)
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "replay_error")
    assert "RuntimeError" in answer.text
    assert REAL_KEY not in answer.text
