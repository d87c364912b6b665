"""Live and record, against an upstream of the tests' own. No real host is ever contacted."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from openai import APIStatusError, OpenAI

from .replay import recordings
from .replay.api import BODY_LIMIT, Replay
from .replay.exchange import Answer, Request
from .replay.live import Live
from .replay.project import Project
from .replay.replies import Reply
from .replay.server import serving

ROOT = Path(__file__).resolve().parents[1]
REAL_KEY = "sk-proj-RealKeyThatMustNotLeak0123456789"
SESSION = "sk-replay-session"
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


def test_threads_never_go_upstream(upstream):
    api, upstream_url = upstream
    with serving(live(upstream_url, recordings.load())) as url:
        threads = client(url).beta.threads
        assert threads.retrieve(threads.create().id).object == "thread"
        assert client(url).beta.assistants.create(model="gpt-4o").object == "assistant"
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
        headers = {"Authorization": f"Bearer {SESSION}"}
        there = httpx2.get(
            f"{upstream_url}/conversations/conv_1",
            headers=headers | {"Authorization": f"Bearer {REAL_KEY}"},
        )
        here = httpx2.get(f"{url}/conversations/conv_1", headers=headers)
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
    command = [sys.executable, "-m", "tests.replay", "--live", "--port", "0"]
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=20
    )
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
        headers = {"Authorization": f"Bearer {SESSION}", "Accept": "caf\xe9".encode()}
        answer = httpx2.get(f"{url}/models/gpt-5.4", headers=headers, timeout=5)
    assert (answer.status_code, answer.content) == (status, b"<html>")


def test_in_a_live_session_threads_want_the_sessions_key_too(upstream):
    _, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        assert client(url).beta.threads.create().object == "thread"
        for key in ("sk-other", "sk-\xe9"):
            headers = {"Authorization": f"Bearer {key}".encode(), "OpenAI-Beta": "assistants=v2"}
            for path in ("threads", "conversations"):
                answer = httpx2.post(f"{url}/{path}", headers=headers, timeout=5)
                assert answer.status_code == 401


def test_no_path_leads_out_of_the_living_half(upstream):
    api, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        port = int(url.split(":")[2].split("/")[0])
        for path in ("/v1/models/../files", "/v1/models/%2e%2e/threads", "/v1/responses/./x"):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SESSION}"
                connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
                assert connection.recv(100).startswith(b"HTTP/1.1 404 ")
    assert api.asked == []


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
        answer = httpx2.get(f"{url}/models/gpt-5.4", headers={"Authorization": f"Bearer {SESSION}"})
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
            headers = {"Authorization": f"Bearer {SESSION}"}
            assert http.get(f"{url}/models/gpt-5.4", headers=headers).status_code == 200


def test_a_stream_passes_through_as_it_comes():
    """The first event is there before the upstream has sent the second."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    with (
        socket.create_server(("127.0.0.1", 0)) as upstream,
        serving(live(f"http://127.0.0.1:{upstream.getsockname()[1]}/v1")) as url,
        ThreadPoolExecutor(2) as pool,
    ):
        accepted = pool.submit(upstream.accept)
        headers = {"Authorization": f"Bearer {SESSION}"}
        request = httpx2.Request("POST", f"{url}/responses", headers=headers, content=b"{}")
        sending = pool.submit(lambda: httpx2.Client().send(request, stream=True))
        with accepted.result(5)[0] as connection:
            connection.recv(65536)
            connection.sendall(head + b"data: 1\n\n")
            events = sending.result(5).iter_raw()
            assert next(events) == b"data: 1\n\n"
            connection.sendall(b"data: 2\n\n")
            assert next(events) == b"data: 2\n\n"
        assert list(events) == []


def test_a_body_over_the_limit_is_not_sent_on_without_itself(upstream):
    api, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        headers = {"Authorization": f"Bearer {SESSION}"}
        answer = httpx2.post(f"{url}/responses", headers=headers, content=b" " * (BODY_LIMIT + 1))
    assert answer.status_code == 413
    assert api.asked == []
