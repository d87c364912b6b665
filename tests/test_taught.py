"""What the user teaches: a file of assistants, threads and replies, in both APIs."""

import json
import socket
from itertools import groupby
from pathlib import Path

import pytest
from openai import APIStatusError, NotFoundError, OpenAI

from .help import WAIT, place, wait_until, written
from .record import ask
from .replay import recordings
from .replay.api import Replay
from .replay.exchange import Exchange
from .replay.replies import NO_REPLY, Listener
from .replay.report import Kept, exchange_of
from .replay.resources.seeds import check_body
from .replay.server import serving
from .replay.taught import ANY, Taught, Unusable

SCHEMA = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}},
    "required": ["order_id"],
    "additionalProperties": False,
}
OLD_TOOL = {"type": "function", "function": {"name": "order_status", "parameters": SCHEMA}}
TOOL = {"type": "function", "name": "order_status", "parameters": SCHEMA, "strict": True}
ORDER = {"to": "Where is order 42?"}
CALL = {"type": "function_call", "name": "order_status", "arguments": "{}"}
CALLED = [{"name": "order_status", "arguments": {"order_id": "42"}}]
FILE = {
    "assistants": [
        {"id": "asst_abc123", "model": "gpt-4o", "instructions": "Be brief.", "tools": [OLD_TOOL]}
    ],
    "threads": [{"id": "thread_old", "messages": [{"role": "user", "content": "Hello"}]}],
    "replies": [
        ORDER | {"calls": CALLED},
        ORDER | {"after": ["order 42: shipped"], "text": "It is on its way."},
        ORDER | {"after": ["*"], "text": "I can't tell."},
        {"to": "Two orders?", "after": ["A", "B"], "text": "Both."},
        {"to": "List two primes as json.", "json": {"primes": [2, 3]}},
        {"to": "make it fail", "fails": "server_error"},
        {"to": "make it fail", "text": "Now it works."},
        {"to": "too fast", "fails": "rate_limit", "times": 3},
        {"to": "locked?", "fails": "locked"},
        {"to": "too slow", "fails": "expired"},
        {"to": "cut off", "fails": "incomplete"},
        {"to": "cut off", "text": "one two three four"},
        {"to": "*", "text": "Anything else?"},
    ],
}


@pytest.fixture
def taught(tmp_path: Path):
    """Serves FILE, with the project's recordings; gives the client and what was logged."""
    file = tmp_path / "replies.json"
    file.write_text(json.dumps(FILE), encoding="utf-8")
    told: list[str] = []
    replay = Replay(recordings.load(), taught=Taught(file, check_body, told.append))
    replay.observers.append(lambda request, answer: told.append(f"{answer.who} {answer.notes}"))
    with serving(replay) as url:
        yield OpenAI(base_url=url, api_key="sk-taught", max_retries=0), file, told


def ran(client: OpenAI, question: str, **options):
    """A run of the taught assistant on a new thread, at its end or where it waits."""
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
    place = {"thread_id": thread.id, "assistant_id": "asst_abc123"}
    return client.beta.threads.runs.create_and_poll(**place, **options)


def newest(client: OpenAI, run) -> str:
    return client.beta.threads.messages.list(run.thread_id).data[0].content[0].text.value


def test_a_run_calls_the_function_and_goes_on_by_what_it_gave_back(taught):
    client, _, told = taught
    run = ran(client, ORDER["to"])
    (call,) = run.required_action.submit_tool_outputs.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == (
        "order_status",
        {"order_id": "42"},
    )
    for output, words in (("order 42: shipped", "It is on its way."), ("?", "I can't tell.")):
        run = ran(client, ORDER["to"])
        (call,) = run.required_action.submit_tool_outputs.tool_calls
        outputs = [{"tool_call_id": call.id, "output": output}]
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run.id, thread_id=run.thread_id, tool_outputs=outputs
        )
        assert newest(client, run) == words
    assert any(line.startswith("yours") for line in told)


def test_a_response_calls_the_function_and_goes_on_by_what_it_gave_back(taught):
    client, *_ = taught
    call = {"model": "gpt-5.4", "tools": [TOOL], "conversation": client.conversations.create().id}
    (asked,) = client.responses.create(**call, input=ORDER["to"]).output
    output = {"type": "function_call_output", "call_id": asked.call_id}
    output["output"] = "order 42: shipped"
    answer = client.responses.with_raw_response.create(**call, input=[output])
    assert answer.parse().output_text == "It is on its way."
    assert answer.headers["x-replay"] == "computed"
    del call["conversation"]
    output["output"] = [{"type": "input_text", "text": text} for text in ("order 42: ", "shipped")]
    said = [{"role": "user", "content": ORDER["to"]}, asked.to_dict(), output]
    assert client.responses.create(**call, input=said).output_text == "It is on its way."
    said = [{"role": "user", "content": "Two orders?"}]
    for text in "AB":  # the outputs in their order
        said.append({"call_id": text, **CALL})
    for text in "AB":
        said.append({"type": "function_call_output", "call_id": text, "output": text})
    assert client.responses.create(**call, input=said).output_text == "Both."


def test_a_call_of_a_function_that_is_not_offered_is_not_made(taught):
    client, _, told = taught
    response = client.responses.create(model="gpt-5.4", input=ORDER["to"])
    assert response.output_text == NO_REPLY
    assert "replies[0]: order_status is not offered" in told[-1]
    assert ran(client, ORDER["to"], tools=[]).status == "completed"


def test_exactly_this_question_comes_first_then_what_is_recorded_then_any(taught):
    client, file, _ = taught
    ask = {"model": "gpt-5.4"}
    assert client.responses.create(**ask, input="unheard of").output_text == "Anything else?"
    assert client.responses.create(**ask, input="Help with math").output_text.startswith("Gladly.")
    teach(file, {"to": "Help with math", "text": "No."})
    assert client.responses.create(**ask, input="Help with math").output_text == "No."


def test_a_store_and_a_file_of_long_ago_are_there(tmp_path: Path):
    """Found and searched as ones that were made here; what a key deleted stays away."""
    file = tmp_path / "replies.json"
    content = {
        "files": [{"id": "file-1"}, {"id": "file-2", "filename": "b.md"}],
        "vector_stores": [{"id": "vs_1", "name": "Mine", "file_ids": ["file-1"]}],
        "replies": [{"to": "Find it", "text": "Found."}],
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    with serving(Replay(taught=Taught(file, check_body))) as url:
        client = OpenAI(base_url=url, api_key="sk-taught", max_retries=0)
        store = client.vector_stores.retrieve("vs_1")
        assert (store.name, store.file_counts.completed, store.status) == ("Mine", 1, "completed")
        client.vector_stores.files.create("vs_1", file_id="file-2")
        shown = [client.files.retrieve(id) for id in ("file-1", "file-2")]
        assert [(one.filename, one.purpose) for one in shown] == [
            ("file.txt", "assistants"),
            ("b.md", "assistants"),
        ]
        search = {"type": "file_search", "vector_store_ids": ["vs_1"]}
        response = client.responses.create(model="gpt-5.4", input="Find it", tools=[search])
        assert response.output_text == "Found."
        client.vector_stores.delete("vs_1")
        with pytest.raises(APIStatusError):
            client.vector_stores.retrieve("vs_1")


def teach(file: Path, *more: dict) -> None:
    content = FILE | {"replies": [*FILE["replies"], *more]}
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")


def test_json_is_given_where_it_was_asked_for_and_fits(taught):
    client, *_ = taught
    prime = {"type": "array", "items": {"type": "integer"}}
    schema = SCHEMA | {"properties": {"primes": prime}, "required": ["primes"]}
    answer = {"type": "json_schema", "name": "primes", "schema": schema, "strict": True}
    ask = {"model": "gpt-5.4", "input": "List two primes as json."}
    response = client.responses.create(**ask, text={"format": answer})
    assert json.loads(response.output_text) == {"primes": [2, 3]}
    shown = {"type": "json_schema", "description": None, "name": "primes", "schema": schema}
    assert response.to_dict()["text"]["format"] == shown | {"strict": True}
    plain = client.responses.create(**ask, text={"format": {"type": "json_object"}})
    assert json.loads(plain.output_text) == {"primes": [2, 3]}
    run = ran(client, ask["input"], response_format={"type": "json_object"})
    assert json.loads(newest(client, run)) == {"primes": [2, 3]}
    wrong = answer | {"schema": schema | {"properties": {"primes": {"type": "string"}}}}
    with pytest.raises(APIStatusError) as error:
        client.responses.create(**ask, text={"format": wrong})
    assert error.value.code == "reply_does_not_fit"
    assert "replies[4]" in error.value.body["message"]
    assert "it.primes has another type than string" in error.value.body["message"]
    with pytest.raises(APIStatusError) as error:  # nobody has JSON for this
        client.responses.create(model="gpt-5.4", input="x", text={"format": answer})
    assert error.value.code == "not_replayed"
    with pytest.raises(APIStatusError) as error:
        ran(client, "x", response_format={"type": "json_object"})
    assert error.value.code == "not_replayed"


def test_a_forced_call_is_taken_where_the_reply_has_it(taught):
    client, *_ = taught
    ask = {"model": "gpt-5.4", "tools": [TOOL]}
    for choice in ("required", {"type": "function", "name": "order_status"}):
        response = client.responses.create(**ask, input=ORDER["to"], tool_choice=choice)
        assert response.output[0].type == "function_call"
        assert response.to_dict()["tool_choice"] == choice
        with pytest.raises(APIStatusError, match="forced"):
            client.responses.create(**ask, input="x", tool_choice=choice)
    forced = {"type": "function", "function": {"name": "order_status"}}
    assert ran(client, ORDER["to"], tool_choice=forced).status == "requires_action"
    with pytest.raises(APIStatusError, match="forced"):
        ran(client, "x", tool_choice=forced)


def test_a_fault_comes_once_for_each_turn_then_the_reply_behind_it(taught):
    client, *_ = taught
    ask = {"model": "gpt-5.4", "input": "make it fail"}
    with pytest.raises(APIStatusError) as error:
        client.responses.create(**ask)
    assert (error.value.status_code, error.value.code) == (500, "server_error")
    assert error.value.request_id in error.value.body["message"]
    assert client.responses.create(**ask).output_text == "Now it works."
    other = OpenAI(base_url=client.base_url, api_key="sk-other")  # the SDK tries again by itself
    assert other.responses.create(**ask).output_text == "Now it works."
    ask = {"model": "gpt-5.4", "input": "too fast"}
    for _ in range(3):
        with pytest.raises(APIStatusError) as error:
            client.responses.create(**ask)
        assert (error.value.status_code, error.value.code) == (429, "rate_limit_exceeded")
        assert error.value.type == "requests"
        assert error.value.response.headers["retry-after"] == "1"
    assert client.responses.create(**ask).output_text == "Anything else?"


def test_the_faults_of_a_run(taught):
    client, *_ = taught
    run = ran(client, "make it fail")
    assert (run.status, run.last_error.code) == ("failed", "server_error")
    assert run.failed_at
    assert run.expires_at is None
    client.beta.threads.messages.create(run.thread_id, role="user", content="And now?")
    assert newest(client, ran(client, "make it fail")) == "Now it works."
    run = ran(client, "too fast")
    assert (run.status, run.last_error.code) == ("failed", "rate_limit_exceeded")
    run = ran(client, "too slow")
    assert (run.status, run.last_error) == ("expired", None)
    run = ran(client, "cut off")
    assert run.status == "incomplete"
    assert run.incomplete_details.reason == "max_completion_tokens"
    assert newest(client, run) == "one two"
    run = ran(client, "locked?")  # a run has no such fault
    assert newest(client, run) == "Anything else?"
    other = OpenAI(base_url=client.base_url, api_key="sk-other")
    thread = other.beta.threads.create(messages=[{"role": "user", "content": "too slow"}])
    stream = other.beta.threads.runs.create(thread.id, assistant_id="asst_abc123", stream=True)
    names = [event.event.removeprefix("thread.run.") for event in stream]
    assert names == ["created", "queued", "in_progress", "expired"]


def test_the_faults_of_a_response(taught):
    client, _, told = taught
    made = client.conversations.create()
    with pytest.raises(APIStatusError) as error:
        client.responses.create(model="gpt-5.4", conversation=made.id, input="locked?")
    assert (error.value.code, error.value.param) == ("conversation_locked", "conversation")
    assert client.conversations.items.list(made.id).data == []
    response = client.responses.create(model="gpt-5.4", input="locked?")  # no conversation, no lock
    assert response.output_text == "Anything else?"
    assert "there is no `locked` here" in told[-1]
    response = client.responses.create(model="gpt-5.4", input="cut off")
    assert (response.status, response.output_text) == ("incomplete", "one two")
    assert response.incomplete_details.reason == "max_output_tokens"
    told = list(
        client.responses.create(
            model="gpt-5.4", input="make it fail", stream=True
        ).response.iter_lines()
    )
    names = [line.removeprefix("event: ") for line in told if line.startswith("event: ")]
    assert names == ["response.created", "response.in_progress", "error", "response.failed"]
    data = [json.loads(line.removeprefix("data: ")) for line in told if line.startswith("data: ")]
    assert data[2]["error"]["code"] == "server_error"
    assert data[3]["response"]["status"] == "failed"
    assert data[3]["response"]["error"]["code"] == "server_error"
    assert data[0]["response"]["error"] is None


def test_assistants_and_threads_are_there_for_every_key_until_it_deletes_them(taught):
    client, file, _ = taught
    other = OpenAI(base_url=client.base_url, api_key="sk-other")
    assert client.beta.assistants.retrieve("asst_abc123").instructions == "Be brief."
    client.beta.assistants.delete("asst_abc123")
    assert client.beta.assistants.list().data == []
    assert other.beta.assistants.list().data[0].id == "asst_abc123"
    (message,) = client.beta.threads.messages.list("thread_old").data
    assert message.content[0].text.value == "Hello"
    client.beta.threads.messages.create("thread_old", role="user", content="More")
    teach(file, {"to": "x", "text": "y"})
    assert client.beta.assistants.list().data == []
    assert len(client.beta.threads.messages.list("thread_old").data) == 2
    assert len(other.beta.threads.messages.list("thread_old").data) == 1
    client.beta.threads.delete("thread_old")
    with pytest.raises(NotFoundError):
        client.beta.threads.retrieve("thread_old")
    changed = FILE["assistants"][0] | {"instructions": "Be kind."}
    file.write_text(json.dumps(FILE | {"assistants": [changed]}), encoding="utf-8")
    for api in (client, other):  # changed, it is another one
        assert api.beta.assistants.retrieve("asst_abc123").instructions == "Be kind."


def test_a_file_is_read_again_when_it_has_changed_and_a_bad_edit_keeps_the_old_one(taught):
    client, file, told = taught
    ask = {"model": "gpt-5.4", "input": "new"}
    assert client.responses.create(**ask).output_text == "Anything else?"
    teach(file, {"to": "new", "text": "Taught."})
    assert client.responses.create(**ask).output_text == "Taught."
    file.write_text("{", encoding="utf-8")
    assert client.responses.create(**ask).output_text == "Taught."
    assert any("line 1" in line and "What was read before stays." in line for line in told)
    file.unlink()
    assert client.responses.create(**ask).output_text == "Taught."


def test_an_answer_is_held_back_and_a_run_stays_in_progress(taught):
    client, file, _ = taught
    teach(
        file,
        {"to": "slow", "text": "Done.", "wait": 0.2},
        {"to": "never", "text": "x", "wait": 600},
    )
    response = client.responses.create(model="gpt-5.4", input="slow")
    assert response.output_text == "Done."
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "never"}])
    run = client.beta.threads.runs.create(thread.id, assistant_id="asst_abc123")
    seen = {client.beta.threads.runs.retrieve(run.id, thread_id=thread.id).status for _ in range(5)}
    assert seen == {"in_progress"}
    assert newest(client, ran(client, "slow")) == "Done."


@pytest.mark.parametrize("path", ["responses", "threads/runs"])
def test_an_answer_that_is_held_back_holds_nobody_else_up(taught, path: str):
    """Nor a stream of a run; its client has nothing yet when another one's answer is there."""
    client, file, told = taught
    teach(file, {"to": "never", "text": "x", "wait": 600})
    body = {"model": "gpt-5.4", "input": "never"}
    if path != "responses":
        thread = {"messages": [{"role": "user", "content": "never"}]}
        body = {"assistant_id": "asst_abc123", "thread": thread, "stream": True}
    with socket.create_connection(place(str(client.base_url))) as connection:
        connection.sendall(written("POST", path, "sk-other", body))
        wait_until(lambda: any(line.startswith("yours") for line in told))
        patient = client.with_options(timeout=WAIT)
        response = patient.responses.create(model="gpt-5.4", input="unheard of")
        assert response.output_text == "Anything else?"
        connection.setblocking(False)
        with pytest.raises(BlockingIOError):
            connection.recv(1)


def test_a_thousand_replies_change_nothing_of_what_is_recorded(tmp_path: Path):
    """Not even those to the recorded questions themselves, nor one to any."""
    exchanges = recordings.load()
    listener = Listener()
    turns = [turn for exchange in exchanges for _, turn, _ in listener.heard(exchange)]
    asked = [*{turn.partition("\n\0")[0] for turn in turns}, ANY]
    assert len(asked) > 10
    give = {"text": "Taught.", "wait": 600}
    replies = [{"to": question, **give} for question in asked]
    replies += [{"to": question, "after": [ANY], **give} for question in asked]
    replies += [{"to": question, "fails": "server_error"} for question in asked]
    replies += [{"to": f"{n}", **give} for n in range(1000)]
    file = tmp_path / "replies.json"
    file.write_text(json.dumps({"replies": replies}), encoding="utf-8")
    for _, notebook in groupby(exchanges, lambda exchange: exchange.notebook):
        replay, plain = Replay(exchanges, taught=Taught(file)), Replay(exchanges)
        for exchange in notebook:
            answer, wanted = ask(replay, exchange), ask(plain, exchange)
            assert (answer.content, answer.who) == (wanted.content, wanted.who), exchange.place
            assert not answer.wait


def test_a_run_that_is_recorded_has_its_words_and_asked_something_else_it_has_others(
    tmp_path: Path,
):
    def told(replay: Replay, key: str, question: str, output: str) -> str:
        with serving(replay) as url:
            client = OpenAI(base_url=url, api_key=key, max_retries=0)
            place = {"thread_id": client.beta.threads.create().id}
            made = client.beta.assistants.create(model="gpt-4o", tools=[OLD_TOOL])
            client.beta.threads.messages.create(**place, role="user", content=question)
            run = client.beta.threads.runs.create_and_poll(**place, assistant_id=made.id)
            if run.status == "requires_action":
                (call,) = run.required_action.submit_tool_outputs.tool_calls
                client.beta.threads.runs.submit_tool_outputs_and_poll(
                    run_id=run.id,
                    **place,
                    tool_outputs=[{"tool_call_id": call.id, "output": output}],
                )
            return newest(client, run)

    def replay_of(exchanges: list[Exchange], *replies: dict) -> Replay:
        file = tmp_path / "replies.json"
        file.write_text(json.dumps({"replies": replies}), encoding="utf-8")
        return Replay(exchanges, taught=Taught(file))

    recorded: list[Exchange] = []
    replay = replay_of([], ORDER | {"calls": CALLED}, ORDER | {"after": ["A"], "text": "Recorded."})
    replay.observers.append(lambda *of: recorded.append(exchange_of(Kept(*of))))
    assert told(replay, "sk-taught", ORDER["to"], "A") == "Recorded."
    replay = replay_of(
        recorded,
        ORDER | {"text": "No."},
        ORDER | {"after": ["A"], "text": "No."},
        ORDER | {"after": ["B"], "text": "Of B."},
        {"to": "*", "text": "Of another."},
    )
    for key, question, output, words in (
        ("sk-1", ORDER["to"], "A", "Recorded."),
        ("sk-2", ORDER["to"], "B", "Of B."),
        ("sk-3", "Where is order 43?", "A", "Of another."),
    ):
        assert told(replay, key, question, output) == words


# What is wrong with a file, and what is said of it.
REPLY = {"to": "x", "text": "y"}
BAD = [
    ("[]", "it must be an object"),
    ("{", "line 1, column 2: "),
    ('{"replies": [\n{]}', "line 2, column 2: "),
    (f'{{"replies": {"9" * 5000}}}', "Exceeds the limit"),
    (f'{{"replies": {"[" * 100_000}', "nested too deep"),
    *(
        (f'{{"replies": [{{"to": "x", {gives}}}]}}', "replies[0] has a number or a letter that no")
        for gives in ('"json": NaN', '"json": {"a": [1e999]}', r'"text": "\ud800"')
    ),
    ('{"assistants": [{"id": "a", "model": "m", "top_p": -Infinity}]}', "assistants[0] has a num"),
    (r'{"threads": [{"id": "t\udc00"}]}', "threads[0] has a number or a letter"),
    ('{"answers": []}', "`answers` is unknown"),
    ('{"replies": {}}', "replies must be a list"),
    *(
        (json.dumps({"replies": replies}), says)
        for replies, says in [
            ([1], "replies[0] must be an object"),
            ([{}], "replies[0] needs `to`"),
            ([{"to": 1, "text": "y"}], "replies[0].to must be a text"),
            ([{"to": "x"}], "replies[0] needs one of text, calls, json, fails"),
            ([REPLY | {"json": 1}], "replies[0] needs one of"),
            ([REPLY | {"zzz": 1}], "replies[0].zzz is unknown"),
            ([REPLY | {"after": "x"}], "replies[0].after must be a list"),
            ([REPLY | {"after": [1]}], "replies[0].after[0] must be a text"),
            ([REPLY | {"times": 2}], "replies[0].times"),
            ([{"to": "x", "fails": "locked", "times": 0}], "replies[0].times"),
            ([REPLY | {"wait": -1}], "replies[0].wait"),
            ([REPLY | {"wait": 600.5}], "replies[0].wait is 0 to 600 seconds"),
            ([REPLY | {"wait": True}], "replies[0].wait must be a number"),
            ([REPLY, {"to": "x", "fails": "fire"}], "replies[1].fails is none of rate_limit"),
            ([REPLY, REPLY], "replies[1] is for the same turn as replies[0]"),
            ([{"to": "x", "text": ""}], "replies[0].text is empty"),
            ([{"to": "x", "calls": []}], "replies[0].calls is empty"),
            ([{"to": "x", "calls": [{}]}], "replies[0].calls[0].name must be a text"),
            ([{"to": "x", "calls": [{"name": "f", "arguments": "{}"}]}], "calls[0].arguments must"),
            (
                [{"to": "x", "calls": [{"name": "f", "id": "1"}]}],
                "replies[0].calls[0].id is unknown",
            ),
        ]
    ),
    (json.dumps({"assistants": [{"model": "gpt-4o"}]}), "assistants[0].id must be a text"),
    (json.dumps({"assistants": [{"id": "asst_1"}]}), "assistants[0]: Missing required parameter"),
    (json.dumps({"assistants": [{"id": "asst_1", "model": "gpt-5"}]}), "cannot be used with"),
    (json.dumps({"threads": [{"id": "t", "messages": [{"role": "x"}]}]}), "threads[0]: Missing"),
    (json.dumps({"vector_stores": [{"id": "vs_1", "name": 1}]}), "vector_stores[0]: Invalid type"),
    (json.dumps({"files": [{"id": "file-1", "text": "x"}]}), "files[0]: Unknown parameter"),
]


@pytest.mark.parametrize(("text", "says"), BAD)
def test_a_bad_file_is_one_sentence_with_the_place(tmp_path: Path, text: str, says: str):
    file = tmp_path / "replies.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Unusable) as error:
        Taught(file, check_body)
    assert str(error.value).startswith(str(file))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_and_an_undecodable_file_are_named(tmp_path: Path):
    with pytest.raises(Unusable, match="can't be read"):
        Taught(tmp_path / "replies.json")
    (tmp_path / "replies.json").write_bytes(b"\xff\xfe{\x00")
    with pytest.raises(Unusable, match="no UTF-8 text"):
        Taught(tmp_path / "replies.json")
