"""`tests.refresh --record`: what is kept, what is scrubbed, and that nothing is lost."""

import asyncio
import json
import random
import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from . import refresh
from .notebooks import PATHS
from .record import Session, ask, differences, scrubbed
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Answer, Exchange, Request
from .replay.live import KEPT
from .replay.recordings import BrokenRecording
from .replay.server import serving
from .test_live import REAL_KEY, SECRETS, Upstream

LAST = next(path for path in PATHS if path.stem.startswith("05"))


def recorded(tmp_path: Path, api: Replay, notebook: Path = LAST) -> tuple[list[str], Path]:
    """A notebook recorded against an upstream: what was said, and the file."""
    file = tmp_path / f"{notebook.stem}.json"
    shutil.copy(recordings.FOLDER / f"{LAST.stem}.json", file)
    with serving(api) as url:
        return refresh.record(notebook, file, REAL_KEY, url), file


def test_a_notebook_is_recorded_scrubbed_and_replays_byte_for_byte(tmp_path: Path):
    api = Upstream()
    said, file = recorded(tmp_path, api)
    before = recordings.read(recordings.FOLDER / file.name)
    after = recordings.read(file)
    assert said == [f"{LAST.name}: {len(api.asked)} of {len(before)} exchanges captured"]
    assert [(e.method, e.status) for e in after] == [(e.method, e.status) for e in before]
    assert differences(after) == []
    captured = [e for e in after if e.source.startswith("Captured from ")]
    assert len(captured) == len(api.asked)
    assert {e.grade for e in captured} == {"recorded"}
    assert all({name.lower() for name in e.headers} <= set(KEPT) for e in captured)
    text = file.read_text(encoding="utf-8")
    assert not any(secret in text for secret in (*SECRETS, "sk-proj", "user-agent", "set-cookie"))
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert "conv_6b49d2" in text


@pytest.mark.parametrize("shape", [{}, {"output": None}, {"output": [1]}])
def test_what_is_no_answer_of_the_apis_is_named(shape: dict):
    request = Request("POST", "/v1/responses", {}, b'{"input": "x"}')
    session = Session("01.ipynb", "http://127.0.0.1/v1", REAL_KEY)
    session(request, Answer(200, {}, json.dumps(shape).encode(), "", forwarded=True))
    with pytest.raises(BrokenRecording, match=r"01\.ipynb: POST /v1/responses"):
        differences(session.exchanges)


def test_an_upstream_of_another_shape_leaves_the_old_file(tmp_path: Path):
    """It is no answer of the API's: with it in the file, nothing would start any more."""

    class Odd(Upstream):
        def answer(self, request: Request) -> Answer:
            answered = super().answer(request)
            if request.target == "/v1/responses":
                answered.content = b'{"output": null}'
            return answered

    notebook = tmp_path / LAST.name
    code = 'from openai import OpenAI\nOpenAI().responses.create(model="gpt-5.4", input="x")'
    cells = [nbformat.v4.new_code_cell(code)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), notebook)
    said, file = recorded(tmp_path, Odd(), notebook)
    assert "left as it was" in said[0]
    assert file.read_bytes() == (recordings.FOLDER / file.name).read_bytes()


def test_a_notebook_that_does_not_run_to_its_end_keeps_its_recording(tmp_path: Path):
    notebook = tmp_path / LAST.name
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")]), notebook)
    said, file = recorded(tmp_path, Upstream(), notebook)
    assert said == [f"{LAST.name}: left as it was, it did not run to its end"]
    assert file.read_bytes() == (recordings.FOLDER / file.name).read_bytes()


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path / "gone")
    monkeypatch.setenv("OPENAI_API_KEY", REAL_KEY)
    with pytest.raises(SystemExit, match=r"gone can't be written: .* Nothing was asked\."):
        refresh.main(["--record", "--upstream", "http://127.0.0.1:9/v1"])


def test_writing_is_atomic_and_two_writers_share_no_part(tmp_path: Path, monkeypatch):
    file = tmp_path / "01.json"
    recordings.write(file, "01", recordings.load()[:1])
    whole = file.read_bytes()
    parts = []
    monkeypatch.setattr(Path, "replace", lambda part, _: parts.append(part.name) or 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            recordings.write(file, "01", recordings.load()[:2])
    assert file.read_bytes() == whole
    assert len(set(parts)) == 2
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"key: {REAL_KEY}, masked sk-proj-***6789.", "key: sk-..., masked sk-...."),
        ("x_sk-abcdefgh1234 and Ask-abcdefgh1234", "x_sk-... and Ask-..."),
        ("gsk_0123456789ab sess-0123456789ab rk-0123456789ab", "sk-... sk-... sk-..."),
        ("ek_0123456789ab eyJhbGciOiJIUzI1.eyJzdWIi.abc", "sk-... sk-..."),
        ("org-Abc123Def456Ghi proj_X1Y2Z3X1Y2Z3", "org-abc123xyz789 proj_abc123xyz789"),
        ("user-Abc123Def456Ghi acct_1032D82eZvKY", "user-abc123xyz789 acct_abc123xyz789"),
        ("ada@mail.example.org from 203.0.113.7", "user@example.com from 192.0.2.1"),
        ("2001:db8:85a3:0:0:8a2e:370:7334", "2001:db8::1"),
        ("disk-space, task-1, 09:30:15, 1.2.3", "disk-space, task-1, 09:30:15, 1.2.3"),
    ],
)
def test_what_is_secret_is_scrubbed_and_nothing_else(text: str, kept: str):
    assert scrubbed({"a": [text]}) == {"a": [kept]}


def test_the_sessions_own_key_is_scrubbed_whatever_its_form():
    session = Session("01", "http://127.0.0.1/v1", "a key of no known form")
    body = json.dumps({"error": "bad: a key of no known form, \\u0073k-abcdefgh1234"}).encode()
    body = body.replace(b"\\\\u", b"\\u")
    request = Request("GET", "/v1/models/m", {}, b"")
    session(request, Answer(401, {}, body, "", forwarded=True))
    assert session.exchanges[0].response_body == {"error": "bad: sk-..., sk-..."}


def test_a_passing_fault_and_nonsense_are_not_recorded():
    """What a rate limit answered is asked again by the SDK: only the second answer counts."""
    session = Session("01", "http://127.0.0.1/v1", REAL_KEY)
    request = Request("GET", "/v1/models/m", {}, b"")
    deep = b"[" * 5000 + b"]" * 5000
    for status, content in (
        (429, b"{}"),
        (502, b"{}"),
        (200, b'"text"'),
        (200, b"\xff"),
        (200, deep),
    ):
        session(request, Answer(status, {}, content, "", forwarded=True))
    session(request, Answer(200, {}, b'{"id": "\\ud800"}', "", forwarded=True))
    assert session.exchanges == []


def test_a_stream_is_recorded_and_scrubbed_when_it_has_come_to_its_end():
    session = Session("01", "http://127.0.0.1/v1", REAL_KEY)
    request = Request("POST", "/v1/responses", {}, b'{"stream": true}')
    chunks = [
        b'event: a\ndata: {"id": ',
        b'"org-Abc123Def456Ghi"}\n\n',
        b"event: done\ndata: [DONE]\n\n",
    ]

    async def rest():
        for chunk in chunks:
            yield chunk

    async def read() -> list[bytes]:
        answer = Answer(200, {}, b"", "", forwarded=True, rest=rest())
        session(request, answer)
        assert session.exchanges == []
        return [chunk async for chunk in answer.rest]

    assert asyncio.run(read()) == chunks
    assert session.exchanges[0].response_body == (
        'event: a\ndata: {"id":"org-abc123xyz789"}\n\nevent: done\ndata: [DONE]\n\n'
    )


ODD = [None, True, 0, -1, "", "x", [], {}, [None], [1], {"a": 1}, [{}], 1e300, "日本"]


def nodes(value: object, place: tuple = ()) -> list[tuple]:
    parts = value.items() if isinstance(value, dict) else ()
    parts = enumerate(value) if isinstance(value, list) else parts
    return [place, *(found for name, part in parts for found in nodes(part, (*place, name)))]


def mutated(exchange: Exchange, dice: random.Random) -> Exchange:
    """One place of the answer is missing, or something else."""
    body = deepcopy(exchange.response_body)
    place = dice.choice(nodes(body)[1:])
    inner = body
    for name in place[:-1]:
        inner = inner[name]
    if dice.random() < 0.1:
        del inner[place[-1]]
    else:
        inner[place[-1]] = dice.choice(ODD)
    return replace(exchange, response_body=body)


def test_a_recording_of_any_shape_is_refused_or_replayed(capsys):
    """150 seeded breakages: named as broken at the start, or answered without a fault."""
    dice = random.Random(20260826)
    exchanges = recordings.read(recordings.FOLDER / f"{PATHS[0].stem}.json")
    refused = 0
    for _ in range(150):
        number = dice.randrange(len(exchanges))
        broken = list(exchanges)
        broken[number] = mutated(exchanges[number], dice)
        try:
            replay = Replay(broken)
        except BrokenRecording as error:
            refused += 1
            assert PATHS[0].stem in str(error)
            continue
        assert 500 not in [ask(replay, exchange).status for exchange in broken]
    assert 0 < refused < 100
