"""`tests.refresh --record`: what is kept, what is scrubbed, and that nothing is lost."""

import asyncio
import errno
import json
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from openai import OpenAI, OpenAIError

from . import refresh
from .notebooks import PATHS
from .record import Session, ask, differences
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Answer, Exchange, Request
from .replay.live import KEPT
from .replay.recordings import BrokenRecording
from .replay.server import App, serving
from .test_live import COMPLETED, CREATED, REAL_KEY, SECRETS, Stream, Upstream, event

LAST = next(path for path in PATHS if path.stem.startswith("05"))


def recorded(tmp_path: Path, api: App, notebook: Path = LAST) -> tuple[list[str], Path]:
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


def test_an_upstream_of_another_shape_leaves_the_old_file(monkeypatch, tmp_path: Path):
    """It is no answer of the API's: with it in the file, nothing would start any more."""

    class Odd(Upstream):
        def answer(self, request: Request) -> Answer:
            answered = super().answer(request)
            if request.target == "/v1/responses":
                answered.content = b'{"output": null}'
            return answered

    said, file = run_by(monkeypatch, tmp_path, Odd(), asked_once)
    assert "left as it was" in said[0]
    assert file.read_bytes() == (recordings.FOLDER / file.name).read_bytes()


def run_by(monkeypatch, tmp_path: Path, api: App, notebook: Callable) -> tuple[list[str], Path]:
    """As `recorded`, of a function of a client in place of a notebook in a kernel."""

    def refreshed(path: Path, url: str, key: str) -> None:
        notebook(OpenAI(base_url=url, api_key=key, max_retries=0))

    monkeypatch.setattr(refresh, "refreshed", refreshed)
    return recorded(tmp_path, api)


def asked_once(client: OpenAI) -> None:
    client.responses.create(model="gpt-5.4", input="x")


def asked_for_a_stream(client: OpenAI) -> None:
    with suppress(OpenAIError):
        list(client.responses.create(model="gpt-5.4", input="x", stream=True))


@pytest.mark.parametrize("breaks", [True, False])
@pytest.mark.parametrize(
    "chunks",
    [(), (CREATED,), (CREATED, COMPLETED[:-1]), (CREATED, COMPLETED[:40]), (CREATED, b": x\n\n")],
)
def test_a_stream_without_its_last_event_leaves_the_old_file(
    monkeypatch, tmp_path: Path, chunks: tuple[bytes, ...], breaks: bool
):
    api = Stream(*chunks, breaks=breaks)
    said, file = run_by(monkeypatch, tmp_path, api, asked_for_a_stream)
    assert said == [
        f"{LAST.name}: left as it was, not all can be kept",
        "POST /v1/responses: the stream broke off before its last event",
    ]
    assert file.read_bytes() == (recordings.FOLDER / file.name).read_bytes()


def test_a_full_disk_is_a_sentence(monkeypatch, tmp_path: Path):
    def full(*_) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recordings, "write", full)
    said, _ = run_by(monkeypatch, tmp_path, Upstream(), asked_once)
    assert said == [
        f"{LAST.name}: left as it was, it could not be written: No space left on device"
    ]


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


def test_the_sessions_own_key_is_scrubbed_whatever_its_form():
    session = Session("01", "http://127.0.0.1/v1", "a key of no known form")
    body = json.dumps({"error": "bad: a key of no known form, \\u0073k-abcdefgh1234"}).encode()
    body = body.replace(b"\\\\u", b"\\u")
    request = Request("GET", "/v1/models/m", {}, b"")
    session(request, Answer(401, {}, body, "", forwarded=True))
    assert session.exchanges[0].response_body == {"error": "bad: sk-..., sk-..."}


def test_a_passing_fault_is_not_recorded():
    """What a rate limit answered is asked again by the SDK: only the second answer counts."""
    session = Session("01", "http://127.0.0.1/v1", REAL_KEY)
    request = Request("GET", "/v1/models/m", {}, b"")
    for status in (429, 500, 502):
        session(request, Answer(status, {}, b"{}", "", forwarded=True))
    assert (session.exchanges, session.lost) == ([], [])


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b'"text"', "the answer is no JSON object"),
        (b"<html>", "the answer is no JSON that can be written"),
        (b"\xff", "the answer is no JSON that can be written"),
        (b"[" * 5000 + b"]" * 5000, "the answer is no JSON that can be written"),
        (b'{\n  "id": "\\ud800"\n}', "the answer is no JSON that can be written"),
        (
            b'{"a": "AKIAIOSFODNN7EXAMPLE", "logprobs": [{"token": "AKIA"}]}',
            "it holds a secret, and log probabilities that spell it",
        ),
    ],
)
def test_what_no_recording_can_hold_is_named(content: bytes, why: str):
    session = Session("01", "http://127.0.0.1/v1", REAL_KEY)
    request = Request("GET", f"/v1/responses/r?key={REAL_KEY}", {})
    session(request, Answer(200, {}, content, "", forwarded=True))
    assert session.exchanges == []
    assert session.lost == [f"GET /v1/responses/r?key=sk-...: {why}"]


def streamed(*chunks: bytes) -> Session:
    """A session that was answered this stream, read to its end."""
    session = Session("01", "http://127.0.0.1/v1", REAL_KEY)

    async def read() -> list[bytes]:
        answer = Answer(200, {}, b"", "", forwarded=True, rest=Stream(*chunks).rest())
        session(Request("POST", "/v1/responses", {}, b'{"stream": true}'), answer)
        assert session.exchanges == []
        return [chunk async for chunk in answer.rest]

    assert asyncio.run(read()) == list(chunks)
    return session


def test_a_stream_is_recorded_and_scrubbed_when_it_has_come_to_its_end():
    session = streamed(
        b'event: a\ndata: {"id": ',
        b'"org-Abc123Def456Ghi"}\n\n: for org-Abc123Def456Ghi\n\n',
        b'data:{"id":\ndata:"org-Abc123Def456Ghi"}\r\n\r\n',
        b'event: a\ndata: {"n":  1}\n\nevent: done\ndata: [DONE]\n\n',
    )
    assert session.exchanges[0].response_body == (
        'event: a\ndata: {"id":"org-abc123xyz789"}\n\n: for org-abc123xyz789\n\n'
        'data: {"id":"org-abc123xyz789"}\n\n'
        'event: a\ndata: {"n":  1}\n\nevent: done\ndata: [DONE]\n\n'
    )


SPLIT = [
    "I am ada.l",
    "ovelace@mail.exam",
    "ple.org, ",
    f"{REAL_KEY[:9]}",
    f"{REAL_KEY[9:]}",
    " ok",
]
TEXT = "".join(SPLIT)


def deltas(kind: str, number: int, **more) -> list[bytes]:
    """TEXT in pieces, as one part of an answer."""
    of = {"item_id": f"msg_{number}", "output_index": number, "content_index": 0}
    return [event(kind, **of, delta=piece, sequence_number=n) for n, piece in enumerate(SPLIT)]


def test_a_secret_that_is_split_over_deltas_is_scrubbed_as_in_the_whole_text():
    """Tokens come so. Two parts may come at a time; another's deltas stay as they came, also where
    one alone looks like an address."""
    first, second = deltas("response.output_text.delta", 0), deltas("response.refusal.delta", 1)
    third = [
        event("response.function_call_arguments.delta", item_id="fc_1", output_index=2, delta=piece)
        for piece in ('{"version": "1', "1.2.3.4", '.5"}')
    ]
    mixed = [one for both in zip(first, second, strict=True) for one in both]
    whole = {"item_id": "msg_0", "text": TEXT}
    done = event("response.output_text.done", **whole)
    session = streamed(CREATED, *mixed, *third, done, COMPLETED)
    (exchange,) = session.exchanges
    values = exchange.shown
    for of in ("msg_0", "msg_1"):
        parts = [v["delta"] for v in values if v.get("item_id") == of and "delta" in v]
        assert len(parts) == len(SPLIT)
        assert "".join(parts) == "I am user@example.com, sk-... ok"
    (told,) = [value["text"] for value in values if "text" in value]
    assert told == "I am user@example.com, sk-... ok"
    assert "".join(part.decode() for part in third) in exchange.response_body


def test_a_secret_that_is_split_over_a_messages_deltas_is_scrubbed():
    """As of a run: the text stands deeper in them."""
    pieces = [
        {"id": "msg_1", "delta": {"content": [{"index": 0, "type": "text", "text": {"value": p}}]}}
        for p in SPLIT
    ]
    chunks = [f"event: thread.message.delta\ndata: {json.dumps(p)}\n\n".encode() for p in pieces]
    (exchange,) = streamed(*chunks, b"event: done\ndata: [DONE]\n\n").exchanges
    parts = [value["delta"]["content"][0] for value in exchange.shown]
    assert "".join(part["text"]["value"] for part in parts) == "I am user@example.com, sk-... ok"
    assert {part["type"] for part in parts} == {"text"}


def test_a_stream_whose_log_probabilities_spell_the_secret_is_not_kept():
    spelled = [{"token": "AKIA", "logprob": -0.1}]
    told = event("response.output_text.delta", delta="AKIAIOSFODNN7EXAMPLE", logprobs=spelled)
    assert streamed(told, COMPLETED).lost == [
        "POST /v1/responses: it holds a secret, and log probabilities that spell it"
    ]


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
