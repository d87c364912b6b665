"""Live and record, against an upstream of the tests' own. No real host is ever contacted."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import nbformat
import pytest
from openai import APIStatusError, OpenAI

from .refresh import refreshed
from .replay import recorder, recordings
from .replay.live import KEPT, Live
from .replay.project import Project
from .replay.recorder import Recorder, differences, scrubbed
from .replay.recordings import Recordings
from .replay.server import Answer, Replay, Request, serving

ROOT = Path(__file__).resolve().parents[1]
REAL_KEY = "sk-proj-RealKeyThatMustNotLeak0123456789"
SESSION = "sk-replay-session"
WORDS = "Words that only the upstream has."
SECRETS = (REAL_KEY, "org-UpstreamSecret", "proj_UpstreamSecret", "cookie-secret")


class Upstream(Replay):
    """Stands in for the real API: other ids, other words, and headers that must not pass."""

    def __init__(self) -> None:
        super().__init__(Recordings())
        self.recordings.reply = lambda api, question: WORDS
        self.projects[REAL_KEY] = Project(self.recordings, now=1800000000, serial=5000)
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


def client(url: str, key: str = SESSION) -> OpenAI:
    return OpenAI(base_url=url, api_key=key, max_retries=0)


def test_the_living_half_goes_upstream_with_the_real_key_and_comes_back_whole(upstream):
    api, upstream_url = upstream
    with serving(Replay(Recordings()), live=Live(REAL_KEY, SESSION, upstream_url)) as url:
        raw = client(url).conversations.with_raw_response.create(metadata={"k": "日本"})
        response = client(url).responses.create(
            model="m", conversation=raw.parse().id, input="Anything"
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
    with serving(Replay(recordings.load()), live=Live(REAL_KEY, SESSION, upstream_url)) as url:
        threads = client(url).beta.threads
        assert threads.retrieve(threads.create().id).object == "thread"
        assert client(url).beta.assistants.create(model="m").object == "assistant"
    assert api.asked == []


@pytest.mark.parametrize(
    ("key", "code"), [("sk-somebody-else", "not_this_session"), ("wrong", "invalid_api_key")]
)
def test_only_the_sessions_key_may_spend_the_real_one(upstream, key: str, code: str):
    api, upstream_url = upstream
    live = Live(REAL_KEY, SESSION, upstream_url)
    with serving(Replay(Recordings()), live=live) as url, pytest.raises(APIStatusError) as error:
        client(url, key).conversations.create()
    assert (error.value.status_code, error.value.code) == (401, code)
    assert api.asked == []


def test_upstream_errors_pass_through_byte_for_byte(upstream):
    _, upstream_url = upstream
    with serving(Replay(Recordings()), live=Live(REAL_KEY, SESSION, upstream_url)) as url:
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
    live = Live(REAL_KEY, SESSION, f"http://127.0.0.1:{free}/v1")
    with serving(Replay(Recordings()), live=live) as url, pytest.raises(APIStatusError) as error:
        client(url).conversations.create()
    assert (error.value.status_code, error.value.code) == (502, "upstream_unreachable")
    assert list(error.value.body) == ["message", "type", "param", "code"]


def test_an_upstream_that_never_answers_is_a_clear_error_in_the_apis_shape():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        live = Live(REAL_KEY, SESSION, url, timeout=0.2)
        with (
            serving(Replay(Recordings()), live=live) as url,
            pytest.raises(APIStatusError) as error,
        ):
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


def test_a_recording_is_sorted_scrubbed_and_replays_byte_for_byte(upstream, tmp_path: Path):
    """The README's lines, in a copy of the project: record, refresh, and the files are right.

    The notebook runs as a script here, which spares a second.
    """
    api, upstream_url = upstream
    copy = tmp_path / "コピー of it"
    ignore = shutil.ignore_patterns("__pycache__", "test_*")
    shutil.copytree(ROOT / "tests", copy / "tests", ignore=ignore)
    shutil.copytree(ROOT / "notebooks", copy / "notebooks")
    (copy / ".env").write_text(f"OPENAI_API_KEY={REAL_KEY}\n", encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if not k.startswith("OPENAI_")} | {
        "NO_PROXY": "127.0.0.1"
    }
    command = [sys.executable, "-m", "tests.replay", "--record", "--upstream", upstream_url]
    notebook = copy / "notebooks" / "05_delete_a_thread.ipynb"
    cells = nbformat.read(notebook, as_version=4).cells
    script = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    done = subprocess.run(
        [*command, sys.executable, "-c", script],
        cwd=copy,
        env=env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    file = copy / "tests" / "recordings" / "05_delete_a_thread.json"
    total = len(recordings.read(recordings.FOLDER / file.name))
    said = f"05_delete_a_thread.ipynb: {len(api.asked)} of {total} exchanges captured"
    assert said in done.stdout
    assert "the rules give another answer" not in done.stdout

    before = recordings.read(recordings.FOLDER / file.name)
    after = recordings.read(file)
    assert [(e.method, e.status) for e in after] == [(e.method, e.status) for e in before]
    assert differences(after) == []
    captured = [e for e in after if e.source.startswith("Captured from ")]
    assert len(captured) == len(api.asked)
    assert {e.grade for e in captured} == {"recorded"}
    assert all(set(e.headers) <= set(KEPT) for e in captured)
    text = file.read_text(encoding="utf-8")
    assert not any(secret in text for secret in (*SECRETS, "sk-proj", "user-agent", "set-cookie"))
    for other in recordings.FOLDER.glob("0[1-4]*.json"):
        assert (file.parent / other.name).read_bytes() == other.read_bytes()

    with serving(Replay(Recordings(after))) as url:
        text = refreshed(notebook, url)
    assert "conv_6b49d2" in text
    assert text != notebook.read_text(encoding="utf-8")


def test_an_incomplete_recording_leaves_the_old_file_whole(tmp_path: Path):
    old = recordings.load()
    session = Recorder(old, "http://127.0.0.1/v1")
    for exchange in old.exchanges[:10]:
        session.replayed(exchange)
    lines = session.write(tmp_path)
    assert "left as it was" in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_writing_is_atomic(tmp_path: Path, monkeypatch):
    file = tmp_path / "01.json"
    recordings.write(file, "01", recordings.load().exchanges[:1])
    whole = file.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        recordings.write(file, "01", recordings.load().exchanges[:2])
    assert file.read_bytes() == whole


def test_scrubbing_takes_out_what_errors_quote():
    text = f"key provided: {REAL_KEY[:8]}***6789. org-Abc123Def456Ghi proj_X1Y2Z3X1Y2Z3 org-mode"
    assert scrubbed(f"{text} user-Abc123Def456Ghi") == (
        "key provided: sk-.... org-abc123xyz789 proj_abc123xyz789 org-mode user-abc123xyz789"
    )
    assert recorder.ID.sub("*", f"/v1/conversations/conv_{'0' * 48}/items") == (
        "/v1/conversations/*/items"
    )


def test_a_session_records_the_wrong_key_once_and_no_passing_fault():
    """What a rate limit answered is asked again by the SDK: only the second answer counts."""
    old = recordings.load()
    name = "01_create_a_thread.ipynb"
    first = [exchange for exchange in old.exchanges if exchange.notebook == name]
    session = Recorder(old, "http://127.0.0.1/v1")
    for exchange in first:
        if not exchange.path.startswith(("/v1/conversations", "/v1/responses", "/v1/models")):
            session.replayed(exchange)
            continue
        content = b"" if exchange.body is None else json.dumps(exchange.body).encode()
        request = Request(exchange.method, exchange.path, {}, content)
        for status, answer in ((429, b'{"error": {}}'), (exchange.status, exchange.content)):
            session.captured(request, Answer(status, dict(exchange.headers), answer, ""))
    written = session.sessions[name]
    assert [(e.method, e.path, e.status) for e in written] == [
        (e.method, e.path, e.status) for e in first
    ]


@pytest.mark.parametrize("status", [520, 299, 429])
def test_an_odd_status_passes_through(status: int):
    class Odd(Replay):
        def answer(self, request: Request) -> Answer:
            return Answer(status, {"x-request-id": "req_\xe9"}, b"<html>", "")

    with (
        serving(Odd(Recordings())) as upstream_url,
        serving(Replay(Recordings()), live=Live(REAL_KEY, SESSION, upstream_url)) as url,
    ):
        headers = {"Authorization": f"Bearer {SESSION}", "Accept": "caf\xe9".encode()}
        answer = httpx2.get(f"{url}/models/m", headers=headers, timeout=5)
    assert (answer.status_code, answer.content) == (status, b"<html>")


def test_in_a_live_session_threads_want_the_sessions_key_too(upstream):
    _, upstream_url = upstream
    replay = Replay(Recordings(), session_key=SESSION)
    with serving(replay, live=Live(REAL_KEY, SESSION, upstream_url)) as url:
        assert client(url).beta.threads.create().object == "thread"
        for key in ("sk-other", "sk-\xe9"):
            headers = {"Authorization": f"Bearer {key}".encode(), "OpenAI-Beta": "assistants=v2"}
            for path in ("threads", "conversations"):
                answer = httpx2.post(f"{url}/{path}", headers=headers, timeout=5)
                assert answer.status_code == 401


def test_no_path_leads_out_of_the_living_half(upstream):
    api, upstream_url = upstream
    with serving(Replay(Recordings()), live=Live(REAL_KEY, SESSION, upstream_url)) as url:
        port = int(url.split(":")[2].split("/")[0])
        for path in ("/v1/models/../files", "/v1/models/%2e%2e/threads", "/v1/responses/./x"):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {SESSION}"
                connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
                assert connection.recv(100).startswith(b"HTTP/1.1 404 ")
    assert api.asked == []
