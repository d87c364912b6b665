"""The report's program runs; each thing is said once; what was not there is named."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest
from openai import NotFoundError, OpenAI

from .replay.api import Replay
from .replay.inspector import Inspector
from .replay.report import Report
from .replay.resources import models
from .replay.resources.seeds import check_body
from .replay.server import serving
from .replay.taught import Taught

TOOL = {"type": "function", "function": {"name": "look_up"}}
FILE = {
    "assistants": [{"id": "asst_old", "model": "gpt-4", "instructions": "Help.", "tools": [TOOL]}],
    "replies": [{"to": "Hi", "text": "Hello."}, {"to": "fail", "fails": "server_error"}],
}
Program = Callable[[OpenAI], object]


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(models, "today", lambda: "2026-11-25")


@pytest.fixture
def taught(tmp_path: Path) -> Taught:
    file = tmp_path / "replies.json"
    file.write_text(json.dumps(FILE), encoding="utf-8")
    return Taught(file, check_body)


def reported(taught: Taught, *programs: Program) -> str:
    """The report on some programs, each with a key of its own."""
    replay, report = Replay(taught=taught), Report(taught)
    replay.observers.append(report)
    with serving(replay) as url:
        for number, program in enumerate(programs):
            program(OpenAI(base_url=url, api_key=f"sk-program-{number}", max_retries=0))
    return report.text()


def asks(text: str, **options) -> Program:
    def program(client: OpenAI) -> None:
        thread = client.beta.threads.create(messages=[{"role": "user", "content": text}])
        client.beta.threads.runs.create_and_poll(
            thread_id=thread.id, assistant_id="asst_old", **options
        )

    return program


def blocks(report: str, language: str) -> list[str]:
    return re.findall(f"```{language}\n(.*?)```", report, re.DOTALL)


def test_all_calls_are_one_program_that_runs(taught: Taught, monkeypatch: pytest.MonkeyPatch):
    brief, hi = asks("Hi", instructions="Be brief."), asks("Hi")
    text = reported(taught, lambda client: (brief(client), hi(client)), asks("What?"))
    program = blocks(text, "python")[-1]
    assert program.count("# With another key:") == 1
    assert program.count("conversation_2 = ") == 1
    asked: list[dict] = []
    replay = Replay(taught=taught)
    replay.observers.append(lambda request, answer: asked.append(json.loads(request.content)))
    with serving(replay) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-fresh")
        exec(program, {})
    sent = [body for body in asked if "input" in body]
    assert [body["input"] for body in sent] == ["Hi", "Hi", "What?"]
    assert [body["instructions"] for body in sent] == ["Be brief.", "Help.", "Help."]
    assert all(body["tools"] for body in sent)


def test_each_thing_is_said_once_and_no_key(taught: Taught):
    text = reported(taught, asks("Hi", model="gpt-4o"), asks("Hi"), asks("Hi"), asks("fail"))
    calls = text.partition("<details>")[0]
    assert calls.count('"instructions": "Help."') == 1
    assert calls.count("`gpt-4` was shut down on 2026-10-23") == 1
    assert calls.count("`gpt-4o` ends on 2027-01-14") == 1
    assert calls.count("This run failed. Today the call raises") == 1
    assert "`beta.threads.runs.create`, POST /threads/{id}/runs, 2 times" in calls
    assert "sk-program" not in text


def test_what_was_not_there_is_a_file_to_fill_in(taught: Taught, tmp_path: Path):
    def program(client: OpenAI) -> None:
        gone = client.beta.threads.create()
        client.beta.threads.delete(gone.id)
        for call in (
            lambda: client.beta.threads.retrieve(gone.id),
            lambda: client.beta.threads.retrieve("thread_far"),
            lambda: client.beta.assistants.retrieve("asst_far"),
            lambda: client.beta.threads.create_and_run(assistant_id="asst_far"),
        ):
            with suppress(NotFoundError):
                call()

    text = reported(taught, program, asks("Where is it?"))
    (content,) = blocks(text, "json")
    content = json.loads(content)
    assert content["assistants"][0] == FILE["assistants"][0]  # what was taught stays
    assert [one["id"] for one in content["assistants"][1:]] == ["asst_far"]
    assert [one["id"] for one in content["threads"]] == ["thread_far"]
    assert content["replies"][:-1] == FILE["replies"]
    turn = content["replies"][-1]
    assert (turn["to"], turn["calls"][0]["name"]) == ("Where is it?", "look_up")
    content["assistants"][1]["model"] = "gpt-4o"
    file = tmp_path / "filled.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert "asst_far" in Taught(file, check_body).content.assistants
    assert text.count("It was made elsewhere: name it in the replies file, see below.") == 3
    assert text.count("There is nothing to move.") == 1
    assert "your replies file" in text
    assert "`calls` with their `arguments`" in text


def test_a_store_and_a_file_of_long_ago_are_named_and_found(taught: Taught, tmp_path: Path):
    """By whichever call they are missed; not those that the program made, and deleted."""

    def program(client: OpenAI) -> None:
        gone = client.vector_stores.create().id
        client.vector_stores.delete(gone)
        search, tool = {"type": "file_search"}, {"type": "code_interpreter"}
        assistants, threads = client.beta.assistants, client.beta.threads
        for call in (
            lambda: client.vector_stores.retrieve(gone),
            lambda: assistants.create(
                model="gpt-4o",
                tools=[search],
                tool_resources={"file_search": {"vector_store_ids": ["vs_assistant"]}},
            ),
            lambda: threads.create(
                tool_resources={"code_interpreter": {"file_ids": ["file-a", "file-b"]}}
            ),
            lambda: client.responses.create(
                model="gpt-5.4", input="Hi", tools=[search | {"vector_store_ids": ["vs_response"]}]
            ),
            lambda: client.vector_stores.retrieve("vs_retrieved"),
            lambda: client.files.retrieve("file-retrieved"),
            lambda: assistants.create(
                model="gpt-4o",
                tools=[tool],
                tool_resources={"code_interpreter": {"file_ids": ["file-a"]}},
            ),
        ):
            with suppress(NotFoundError):
                call()

    text = reported(taught, program)
    content = json.loads(blocks(text, "json")[0])
    stores = ["vs_assistant", "vs_response", "vs_retrieved"]
    assert content["vector_stores"] == [{"id": id} for id in stores]
    assert [one["id"] for one in content["files"]] == ["file-a", "file-b", "file-retrieved"]
    assert text.count("It was made elsewhere: name it in the replies file") == 3
    assert "There is nothing to move." not in text
    assert "`text`" not in text  # no reply is missing
    file = tmp_path / "filled.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    text = reported(Taught(file, check_body), program)
    assert "What was not there" not in text
    assert "\n3 calls: 3 translate.\n" in text
    # What exists keeps its id; nothing is made in its place.
    assert '"vector_store_ids": ["vs_assistant"]' in text
    assert '"file_ids": ["file-a"]' in text
    assert "still exists" not in text


def test_what_was_taught_meanwhile_is_not_proposed_again(taught: Taught):
    """A file with one turn twice is refused."""
    replay, report = Replay(taught=taught), Report(taught)
    replay.observers.append(report)
    with serving(replay) as url:
        client = OpenAI(base_url=url, api_key="sk-program", max_retries=0)
        client.responses.create(model="gpt-5.4", input="Why?")
        with suppress(NotFoundError):
            client.vector_stores.retrieve("vs_far")
        more = {"replies": [*FILE["replies"], {"to": "Why?", "text": "So."}]}
        found = json.dumps(FILE | more | {"vector_stores": [{"id": "vs_far"}]})
        taught.file.write_text(found, encoding="utf-8")
        client.responses.create(model="gpt-5.4", input="Why?")
    assert "What was not there" not in report.text()


def test_the_page_knows_the_assistants_of_the_file(taught: Taught):
    replay = Replay(taught=taught)
    with serving(Inspector(replay, replay)) as url:
        asks("Hi", instructions="Be brief.")(OpenAI(base_url=url, api_key="sk-page"))
        address = f"{url.removesuffix('v1')}inspector/request"
        told = httpx2.get(address, params={"number": 2}).json()["now"]
    assert '"instructions": "Help."' in told["code"]
    assert '**assistant | {"instructions": "Be brief."}' in told["code"]
