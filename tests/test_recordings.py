"""The recordings: whole, honest about their source, and what the rules give."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from .notebooks import PATHS
from .record import ask, differences
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Exchange
from .replay.matching import Recordings
from .replay.replies import turn

ALL = recordings.load()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_replayed_in_order_on_a_fresh_key_the_rules_give_the_recorded_bytes(path: Path):
    """The rules' own bytes, before a recording's take their place: of a stream, too, but where the
    real API cut its deltas."""
    exchanges = recordings.read(recordings.FOLDER / f"{path.stem}.json")
    assert differences(exchanges) == []
    replay = Replay(exchanges)
    for exchange in exchanges:
        ruled = ask(replay, exchange).ruled
        assert ruled == exchange.content or exchange.source.startswith("Captured from ")


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_among_all_recordings_each_is_played_whole(path: Path):
    """Two notebooks may have asked the same: a fresh key's first `{}` is the first of either."""
    replay = Replay(ALL)
    asked = [e for e in ALL if e.notebook == path.name and e.key is None]
    assert [ask(replay, exchange).why for exchange in asked] == [""] * len(asked)


def test_every_notebook_has_its_recording_and_nothing_else_is_there():
    assert sorted(p.name for p in recordings.FOLDER.iterdir()) == [f"{p.stem}.json" for p in PATHS]


def test_files_are_as_written_by_the_project(tmp_path: Path):
    """Hand edits keep the format, so that a new recording's diff shows what changed."""
    for path in recordings.FOLDER.glob("*.json"):
        exchanges = recordings.read(path)
        recordings.write(tmp_path / path.name, exchanges[0].notebook, exchanges)
        assert (tmp_path / path.name).read_text("utf-8") == path.read_text("utf-8")


SOURCES = json.loads((recordings.FOLDER.parent / "sources.json").read_text(encoding="utf-8"))


def test_every_exchange_names_sources_that_are_in_the_list():
    named = set()
    for exchange in ALL:
        assert exchange.grade in recordings.GRADES
        if exchange.source.startswith("Captured from "):
            assert exchange.grade == "recorded"
            continue
        names = exchange.source.split(", ")
        assert set(names) <= set(SOURCES), f"{exchange.place}: {exchange.source}"
        named |= set(names)
    assert named == set(SOURCES)


def test_every_source_can_be_looked_up():
    """By repository and file, page or thread, with its address; or it says that it is lost."""
    for name, source in SOURCES.items():
        assert set(source) == {"kind", "where", "address", "shows"}, name
        own = source["address"] and not source["address"].startswith("http")
        if own:
            assert (recordings.FOLDER.parents[1] / source["address"]).is_file()
        elif source["address"]:
            assert source["address"].startswith("https://"), name
        else:
            assert "was not found again" in source["where"], name


def test_a_grade_does_not_say_more_than_its_sources():
    for exchange in ALL:
        kinds = {SOURCES[name]["kind"] for name in exchange.source.split(", ") if name in SOURCES}
        if exchange.grade == "recorded" and kinds:
            assert "capture" in kinds, exchange.place
        if exchange.grade == "article":
            assert "article" in exchange.source, exchange.place


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ('{"notebook": "x"', "line 1"),
        ('{"notebook": "x",\n"exchanges": [}', "line 2"),
        ('{"notebook": "x"}', "'exchanges' is missing"),
        ('{"notebook": "x", "exchanges": [\n{\n"request": {"method": "GET"}}]}', "line 3"),
        ("\xff", "utf-8"),
    ],
)
def test_a_broken_recording_is_named_with_its_line(tmp_path: Path, broken: str, says: str):
    file = tmp_path / "06_broken.json"
    file.write_text(broken, encoding="latin-1")
    with pytest.raises(recordings.BrokenRecording) as error:
        recordings.read(file)
    assert str(file) in str(error.value)
    assert says in str(error.value)


def test_a_missing_recording_is_named(tmp_path: Path):
    with pytest.raises(recordings.BrokenRecording, match=r"01_create_a_thread\.json"):
        recordings.load(tmp_path)


def test_a_captured_output_may_hold_more_than_text():
    """Newer models answer with a reasoning item in front, and some answers are refusals."""
    path = recordings.FOLDER / "01_create_a_thread.json"
    exchanges = recordings.read(path)
    asked = next(e for e in exchanges if e.path == "/v1/responses")
    reasoning = {"id": "rs_1", "type": "reasoning", "summary": []}
    refusal = {"type": "refusal", "refusal": "No."}
    asked.response_body["output"][0]["content"].append(refusal)
    asked.response_body["output"].insert(0, reasoning)
    replay = Replay(exchanges)
    answer = next(a for e in exchanges if (a := ask(replay, e)).exchange is asked)
    assert answer.content == asked.content
    conversation = asked.request_body["conversation"]
    body = {"model": "gpt-5.4", "conversation": conversation}
    again = ask(replay, replace(asked, request_body=body))
    assert again.status == 200
    assert b"Gladly." in again.content


def test_calls_in_several_rounds_are_found_again():
    """Recorded: a question, a call, its output, another call, its output, an answer."""

    def exchange(body: dict, output: list[dict]) -> Exchange:
        value = {"id": f"resp_{len(exchanges)}", "object": "response", "output": output}
        body = {"model": "gpt-5.4", **body}
        place = ("POST", "/v1/responses", body, None, 200, {}, value)
        return Exchange(*place, grade="replay", source="own-rules", notebook="x")

    def call(name: str) -> dict:
        return {"type": "function_call", "call_id": name, "name": name, "arguments": "{}"}

    def output(name: str) -> dict:
        return {"type": "function_call_output", "call_id": name, "output": f"{name} done"}

    said = [{"type": "message", "content": [{"type": "output_text", "text": "ready"}]}]
    exchanges: list[Exchange] = []
    exchanges.append(exchange({"input": "go"}, [call("one")]))
    previous = {"previous_response_id": "resp_0"}
    exchanges.append(exchange({"input": [output("one")], **previous}, [call("two")]))
    previous = {"previous_response_id": "resp_1"}
    exchanges.append(exchange({"input": [output("two")], **previous}, said))
    found = Recordings(exchanges)
    assert found.reply_to("responses", turn("go")).calls == (("one", "{}"),)
    assert found.reply_to("responses", turn("go", ["one done"])).calls == (("two", "{}"),)
    assert found.reply_to("responses", turn("go", ["one done", "two done"])).text == "ready"
