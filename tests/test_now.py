"""Now: what it prints is run, and the conversation that results holds the thread's messages."""

import contextlib
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from openai import APIStatusError, OpenAI

from .notebooks import PATHS
from .record import ask
from .replay import now, recordings
from .replay.api import Replay
from .replay.exchange import Answer, Exchange, Request
from .replay.report import Kept, exchange_of
from .replay.resources import BETA, ROUTES, assistants
from .replay.resources.seeds import check_body
from .replay.server import serving
from .replay.taught import Taught

TOOL = {"type": "function", "function": {"name": "get_weather"}}
REPLIES = {
    "assistants": [{"id": "asst_old", "model": "gpt-4", "instructions": "Be brief."}],
    "replies": [
        {
            "to": "Two cities?",
            "calls": [{"name": "get_weather", "arguments": {"c": n}} for n in "ab"],
        },
        {"to": "Two cities?", "after": ["A", "B"], "calls": [{"name": "get_weather"}]},
        {"to": "Two cities?", "after": ["A", "B", "C"], "text": "All are sunny."},
        {"to": "As json?", "json": {"a": 1}},
        {"to": "*", "text": "Yes."},
    ],
}


def test_every_route_of_the_old_api_has_a_row_and_no_other_has():
    old = {route for route in ROUTES if route.split()[1].split("/")[0] in BETA}
    assert set(now.TABLE) == old
    assert len(old) == 23
    assert set(now.RULES) <= old
    for route, row in now.TABLE.items():
        assert row.note
        assert bool(row.now) == bool(row.http), route
        if row.http:
            assert row.http.replace(" /", " ", 1) in ROUTES


def executed(entries: list[now.Entry], replay: Replay) -> dict:
    """What Now prints, run on a server of its own: what each conversation says, by its thread."""
    names: dict[str, dict] = {}
    program = "\n".join((now.SETUP, *(now.named(e.whole, names) for e in entries if e.whole)))
    assert all(len(line) <= 88 or '"' in line for line in program.splitlines()), program
    variables: dict = {}
    with serving(replay) as url, contextlib.redirect_stdout(io.StringIO()):
        client = OpenAI(base_url=url, api_key="sk-now", max_retries=0)
        exec(program.replace("client = OpenAI()", ""), variables | {"client": client}, variables)
        said = {}
        for (_, thread), number in names.get("conversation", {}).items():
            name = "conversation" if number == 1 else f"conversation_{number}"
            said[thread] = said_in(client, variables[name].id)
    return said


def said_in(client: OpenAI, conversation: str) -> list[tuple[str, str]] | None:
    """Role and text of a conversation's messages, oldest first; None when it was deleted."""
    try:
        found = list(client.conversations.items.list(conversation, order="asc", limit=100))
    except APIStatusError:
        return None
    texts = [
        ("".join(getattr(p, "text", "") for p in i.content), i)
        for i in found
        if i.type == "message"
    ]
    return [(item.role, text) for text, item in texts]


def said_on(replay: Replay, key: str, thread: str) -> list[tuple[str, str]] | None:
    """The same of a thread."""
    if thread not in replay.projects[key].threads:
        return None
    return [
        (
            m["role"],
            "".join(part["text"]["value"] for part in m["content"] if part["type"] == "text"),
        )
        for m in replay.projects[key].threads[thread].messages.values()
    ]


def proven(exchanges: list[Exchange], old: Replay, key: str, fresh: Replay) -> list[now.Entry]:
    """Run what Now prints, and compare each conversation with its thread."""
    entries = now.moved(exchanges, old.taught.content.objects if old.taught else {})
    for thread, said in executed(entries, fresh).items():
        assert said == said_on(old, key, thread), thread
    return entries


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_what_the_notebooks_ask_is_moved_and_runs(path: Path):
    recorded = recordings.read(recordings.FOLDER / f"{path.stem}.json")
    exchanges = [exchange for exchange in recorded if exchange.key is None]
    old = Replay(recordings.load())
    for exchange in exchanges:
        ask(old, exchange)
    fresh = Replay(recordings.load())
    fresh.project("sk-now").files = old.project("sk-fresh").files
    fresh.project("sk-now").vector_stores = old.project("sk-fresh").vector_stores
    proven(exchanges, old, "sk-fresh", fresh)


# Flows: what each asks, and what is lost on the way.
Flow = Callable[[OpenAI], None]
FLOWS: dict[str, tuple[Flow, list[str]]] = {}


def flow(*lost: str) -> Callable[[Flow], Flow]:
    def keep(function: Flow) -> Flow:
        FLOWS[function.__name__] = function, list(lost)
        return function

    return keep


def user(text: str, **more) -> dict:
    return {"role": "user", "content": text} | more


def polled(client: OpenAI, thread: str, assistant: str, **options):
    place = {"thread_id": thread, "assistant_id": assistant}
    return client.beta.threads.runs.create_and_poll(**place, **options)


@flow()
def one_turn(client):
    thread = client.beta.threads.create()
    assistant = client.beta.assistants.create(model="gpt-4o", instructions="Be brief.")
    client.beta.threads.messages.create(thread.id, **user("Hi"))
    polled(client, thread.id, assistant.id)
    client.beta.threads.messages.list(thread.id)


@flow()
def three_turns(client):
    thread = client.beta.threads.create(messages=[user("One")])
    assistant = client.beta.assistants.create(model="gpt-4o")
    for text in ("Two", "Three", ""):
        polled(client, thread.id, assistant.id)
        if text:
            client.beta.threads.messages.create(thread.id, **user(text))


@flow()
def two_questions_then_a_run(client):
    thread = client.beta.threads.create(messages=[user("One"), user("Two")])
    client.beta.threads.messages.create(thread.id, role="assistant", content="And?")
    client.beta.threads.messages.create(thread.id, **user("Three"))
    polled(client, thread.id, client.beta.assistants.create(model="gpt-4o").id)


@flow()
def two_threads_in_turn(client):
    assistant = client.beta.assistants.create(model="gpt-4o")
    threads = [client.beta.threads.create(messages=[user(text)]).id for text in ("A", "B")]
    for thread in (*threads, *threads):
        polled(client, thread, assistant.id)
        client.beta.threads.messages.create(thread, **user("More"))


@flow("`name`", "`description`", "`metadata`", "a message's `metadata`: keep it yourself")
def labels(client):
    client.beta.assistants.create(model="gpt-4o", name="n", description="d", metadata={"a": "b"})
    thread = client.beta.threads.create(metadata={"a": "b"})
    client.beta.threads.messages.create(thread.id, **user("x", metadata={"k": "v"}))
    client.beta.threads.update(thread.id, metadata={"a": "c"})


@flow()
def forty_five_messages(client):
    client.beta.threads.create(messages=[user(f"{n}") for n in range(45)])


@flow()
def images_and_files(client):
    image = {"type": "image_url", "image_url": {"url": "https://x.org/a.png", "detail": "low"}}
    thread = client.beta.threads.create()
    client.beta.threads.messages.create(
        thread.id, role="user", content=[{"type": "text", "text": "Look"}, image]
    )
    polled(client, thread.id, "asst_old")


@flow()
def an_assistant_made_elsewhere(client):
    thread = client.beta.threads.create(messages=[user("Hi")])
    polled(client, thread.id, "asst_old", additional_instructions="And kind.")
    polled(client, thread.id, "asst_old", additional_messages=[user("Again")])


@flow()
def two_calls_and_two_rounds(client):
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[TOOL])
    thread = client.beta.threads.create(messages=[user("Two cities?")])
    run = polled(client, thread.id, assistant.id, parallel_tool_calls=False)
    for outputs in ("AB", "C"):
        calls = run.required_action.submit_tool_outputs.tool_calls
        run = client.beta.threads.runs.submit_tool_outputs_and_poll(
            run_id=run.id,
            thread_id=thread.id,
            tool_outputs=[
                {"tool_call_id": c.id, "output": o} for c, o in zip(calls, outputs, strict=True)
            ],
        )
    assert run.status == "completed"


@flow()
def functions_that_only_the_run_has(client):
    thread = client.beta.threads.create(messages=[user("Two cities?")])
    with client.beta.threads.runs.stream(
        thread_id=thread.id,
        assistant_id="asst_old",
        tools=[TOOL],
        instructions="Look it up.",
        temperature=0.5,
    ) as stream:
        run = stream.get_final_run()
    for outputs in ("AB", "C"):
        calls = run.required_action.submit_tool_outputs.tool_calls
        with client.beta.threads.runs.submit_tool_outputs_stream(
            run_id=run.id,
            thread_id=thread.id,
            tool_outputs=[
                {"tool_call_id": c.id, "output": o} for c, o in zip(calls, outputs, strict=True)
            ],
        ) as stream:
            run = stream.get_final_run()
    assert run.status == "completed"
    client.beta.threads.runs.steps.list(run.id, thread_id=thread.id)
    client.beta.threads.runs.list(thread.id)


@flow()
def a_run_that_is_cancelled_while_it_waits(client):
    thread = client.beta.threads.create(messages=[user("Two cities?")])
    run = polled(client, thread.id, "asst_old", tools=[TOOL])
    client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    client.beta.threads.runs.poll(run.id, thread_id=thread.id)
    client.beta.threads.messages.create(thread.id, **user("Never mind."))
    polled(client, thread.id, "asst_old")


@flow("a message's `metadata`: keep it yourself")
def files_and_a_vector_store(client):
    client.files.create(file=("b.txt", b"y"), purpose="assistants")
    file = client.files.create(file=("a.txt", b"x"), purpose="assistants")
    store = client.vector_stores.create()
    tools = [{"type": "file_search"}, {"type": "code_interpreter"}]
    resources = {
        "file_search": {"vector_store_ids": [store.id]},
        "code_interpreter": {"file_ids": [file.id]},
    }
    assistant = client.beta.assistants.create(model="gpt-4o", tools=tools, tool_resources=resources)
    attached = {"file_id": file.id, "tools": [{"type": "file_search"}]}
    thread = client.beta.threads.create(
        messages=[user("Hi", attachments=[attached], metadata={"k": "v"})],
        tool_resources={"file_search": {"vector_stores": [{"file_ids": [file.id]}]}},
    )
    polled(client, thread.id, assistant.id)


@flow()
def a_stream(client):
    thread = client.beta.threads.create(messages=[user("Hi")])
    for _ in client.beta.threads.runs.create(thread.id, assistant_id="asst_old", stream=True):
        pass
    client.beta.threads.messages.create(thread.id, **user("More"))
    polled(client, thread.id, "asst_old")


@flow()
def a_thread_and_a_run_at_once(client):
    run = client.beta.threads.create_and_run_poll(
        assistant_id="asst_old", thread={"messages": [user("A"), user("B")], "metadata": {"k": "v"}}
    )
    client.beta.threads.messages.list(run.thread_id, limit=2, order="asc")


@flow("`truncation_strategy.last_messages`: choose the messages yourself", "`max_prompt_tokens`")
def options_of_a_run(client):
    assistant = client.beta.assistants.create(model="gpt-4o", temperature=0.2, tools=[TOOL])
    thread = client.beta.threads.create(messages=[user("Hi")])
    polled(
        client,
        thread.id,
        assistant.id,
        model="gpt-4o-mini",
        instructions="Other.",
        temperature=0.5,
        tools=[],
        metadata={"k": "v"},
        max_completion_tokens=300,
        max_prompt_tokens=400,
        truncation_strategy={"type": "last_messages", "last_messages": 3},
        parallel_tool_calls=False,
        tool_choice="none",
    )


@flow()
def a_temperature_of_a_model_that_is_gone(client):
    assistant = client.beta.assistants.create(model="gpt-4", temperature=0.2, top_p=0.5)
    thread = client.beta.threads.create(messages=[user("Hi")])
    polled(client, thread.id, assistant.id, truncation_strategy={"type": "auto"})


@flow()
def json_as_the_format(client):
    assistant = client.beta.assistants.create(
        model="gpt-4o", response_format={"type": "json_object"}
    )
    polled(client, client.beta.threads.create(messages=[user("As json?")]).id, assistant.id)


@flow("`before`: turn `order` round, and page with `after`")
def pages_and_one_message(client):
    thread = client.beta.threads.create(messages=[user(f"{n}") for n in range(5)])
    page = client.beta.threads.messages.list(thread.id, order="asc", limit=100)
    ids = [message.id for message in page.data]
    client.beta.threads.messages.list(thread.id, after=ids[2], limit=1)
    client.beta.threads.messages.list(thread.id, before=ids[2])
    client.beta.threads.messages.retrieve(ids[3], thread_id=thread.id)
    client.beta.threads.messages.delete(ids[1], thread_id=thread.id)
    client.beta.threads.messages.delete(ids[3], thread_id=thread.id)


@flow("`run_id`: what a response said is in its own `output`")
def what_one_run_said(client):
    thread = client.beta.threads.create(messages=[user("Hi")])
    run = polled(client, thread.id, "asst_old")
    client.beta.threads.messages.list(thread.id, run_id=run.id)
    client.beta.threads.runs.steps.list(run.id, thread_id=thread.id)
    client.beta.threads.runs.list(thread.id)


@flow()
def an_assistant_that_changes(client):
    assistant = client.beta.assistants.create(model="gpt-4o", instructions="Old.")
    thread = client.beta.threads.create(messages=[user("Hi")])
    polled(client, thread.id, assistant.id)
    client.beta.assistants.update(assistant.id, instructions="New.")
    client.beta.threads.messages.create(thread.id, **user("Again"))
    polled(client, thread.id, assistant.id)
    client.beta.assistants.retrieve(assistant.id)
    client.beta.assistants.delete(assistant.id)


@flow()
def a_message_that_is_read_before_the_run(client):
    thread = client.beta.threads.create()
    message = client.beta.threads.messages.create(thread.id, **user("Hi"))
    client.beta.threads.messages.retrieve(message.id, thread_id=thread.id)
    polled(client, thread.id, "asst_old")


@flow()
def refused(client):
    thread = client.beta.threads.create(messages=[user("Hi")])
    run = client.beta.threads.runs.create(thread.id, assistant_id="asst_old")
    for call in (
        lambda: client.beta.threads.messages.create(thread.id, **user("x")),
        lambda: client.beta.threads.retrieve("thread_x"),
    ):
        with contextlib.suppress(APIStatusError):
            call()
    client.beta.threads.runs.poll(run.id, thread_id=thread.id)


@flow()
def deleted(client):
    thread = client.beta.threads.create(messages=[user("Hi")])
    client.beta.threads.retrieve(thread.id)
    client.beta.threads.delete(thread.id)


@flow("`{}` cleared the metadata; no call clears a conversation's")
def cleared(client):
    thread = client.beta.threads.create(metadata={"a": "b"})
    client.beta.threads.update(thread.id, metadata={})


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow_is_moved_and_runs_and_what_is_lost_is_named(name: str, tmp_path: Path):
    function, lost = FLOWS[name]
    file = tmp_path / "replies.json"
    file.write_text(json.dumps(REPLIES), encoding="utf-8")
    old, fresh = (Replay(taught=Taught(file, check_body)) for _ in range(2))
    entries = proven(kept_of(function, old), old, "sk-old", fresh)
    assert [field for entry in entries for field in entry.lost] == lost


def kept_of(function: Flow, replay: Replay) -> list[Exchange]:
    """What a flow asks of a server, with its answers."""
    kept: list[Exchange] = []

    def keep(request: Request, answer: Answer) -> None:
        kept.append(exchange_of(Kept(request, answer)))

    replay.observers.append(keep)
    with serving(replay) as url:
        function(OpenAI(base_url=url, api_key="sk-old", max_retries=0))
    return kept


ROUND = {"type": "function", "function": {"name": "get_weather"}}
# What a run has, what its code has for it, and whether the rounds of its functions have it again.
RUNS = [
    ({}, 'input="Two cities?"', False),
    ({"max_completion_tokens": 1}, "max_output_tokens=16\n", True),
    ({"max_completion_tokens": 300}, "max_output_tokens=300", True),
    ({"parallel_tool_calls": False}, "parallel_tool_calls=False", True),
    ({"tool_choice": ROUND}, 'tool_choice={"type": "function", "name": "get_weather"}', False),
    ({"tools": []}, '**assistant | {"tools": []}', False),
    ({"temperature": 0.5}, "temperature=0.5", True),
    ({"temperature": 1, "top_p": 1}, "**assistant,", True),
    ({"truncation_strategy": {"type": "auto"}}, 'truncation="auto"', True),
    ({"metadata": {"k": "v"}}, 'metadata={"k": "v"}', False),
]


@pytest.mark.parametrize(("options", "says", "again"), RUNS, ids=str)
def test_what_only_a_run_has_is_sent_today(tmp_path: Path, options: dict, says: str, again: bool):

    def asks(client: OpenAI) -> None:
        assistant = client.beta.assistants.create(model="gpt-4o", tools=[TOOL])
        thread = client.beta.threads.create(messages=[user("Two cities?")])
        run = polled(client, thread.id, assistant.id, **options)
        if run.required_action:
            calls = run.required_action.submit_tool_outputs.tool_calls
            outputs = [{"tool_call_id": c.id, "output": "A"} for c in calls]
            place = {"run_id": run.id, "thread_id": thread.id}
            client.beta.threads.runs.submit_tool_outputs(**place, tool_outputs=outputs)

    file = tmp_path / "replies.json"
    file.write_text(json.dumps(REPLIES), encoding="utf-8")
    entries = now.moved(kept_of(asks, Replay(taught=Taught(file, check_body))))
    found = {entry.route: now.named(entry.code) for entry in entries}
    assert says in found["POST threads/{id}/runs"]
    assert entries[0].decide == ["`gpt-4o` ends on 2027-01-14."]
    assert "temperature" not in entries[0].code
    later = found.get("POST threads/{id}/runs/{id}/submit_tool_outputs", "")
    assert (says in later.replace("\n    ", "\n")) == again


def test_who_moves_to_a_model_that_reasons_is_told_of_the_temperature():
    def asks(client: OpenAI) -> None:
        for model in ("gpt-4o", "gpt-4.1"):
            client.beta.assistants.create(model=model, temperature=0.2)
        client.beta.assistants.create(model="gpt-4o", temperature=1)

    told = [entry.decide for entry in now.moved(kept_of(asks, Replay()))]
    ends = "`gpt-4o` ends on 2027-01-14."
    only = 'A model that reasons takes `temperature` only with `reasoning={"effort": "none"}`.'
    assert told[0] == [ends, only]
    assert told[2] == [ends]


def test_what_a_message_has_is_in_its_item():
    """Its place, too: so the one that a run brought is found again. Files are for users only."""

    def asks(client: OpenAI) -> None:
        file = client.files.create(file=("a.md", b"x"), purpose="assistants").id
        attached = {"attachments": [{"file_id": file, "tools": [{"type": "file_search"}]}]}
        image = {"type": "image_url", "image_url": {"url": "https://x.org/a.png", "detail": "low"}}
        thread = client.beta.threads.create(
            messages=[user([image]), user("A", **attached), user("B") | {"role": "assistant"}]
        )
        client.beta.threads.messages.create(thread.id, role="assistant", content="C", **attached)
        added = [user("D")]
        polled(client, thread.id, "asst_old", instructions="Hm.", additional_messages=added)
        newest = client.beta.threads.messages.list(thread.id).data
        client.beta.threads.messages.retrieve(newest[1].id, thread_id=thread.id)

    seeds = {"asst_old": REPLIES["assistants"][0]}
    replay = Replay()
    shown = assistants.shown(seeds["asst_old"], "asst_old", 0, {})
    replay.project("sk-old").assistants["asst_old"] = shown
    made, _, run, *_, read = now.moved(kept_of(asks, replay), {"assistants": seeds})
    code = now.named(made.code)
    assert '"image_url": "https://x.org/a.png", "detail": "low"' in " ".join(code.split())
    assert code.count('{"type": "input_file", "file_id": file.id}') == 1
    assert '"content": "D"' in run.code
    assert "input_file" not in run.code
    assert "messages[4].id" in read.code
    assert read.decide == []


def two_questions_at_once(client: OpenAI) -> None:
    messages = [user("A"), user("B")]
    assistant = client.beta.assistants.create(model="gpt-4o").id
    client.beta.threads.create_and_run_poll(assistant_id=assistant, thread={"messages": messages})


def test_all_that_the_user_asked_last_is_the_input():
    """A response may have more than one message; nothing is put into the conversation twice."""
    *_, run = (
        entry
        for entry in now.moved(kept_of(two_questions_at_once, Replay()))
        if entry.route == "POST threads/runs"
    )
    assert "items=" not in run.code
    assert all(f'"content": "{text}"' in run.code for text in "AB")


def test_a_call_without_a_successor_says_why():
    def program(client: OpenAI) -> None:
        assistant = client.beta.assistants.create(model="gpt-4o")
        run = client.beta.threads.create_and_run(
            assistant_id=assistant.id, thread={"messages": [user("Hi")]}
        )
        client.beta.threads.runs.cancel(run.id, thread_id=run.thread_id)

    *_, cancelled = now.moved(kept_of(program, Replay()))
    assert cancelled.kind == "none"
    assert "in the background" in cancelled.why


def test_what_a_thread_searched_is_searched_today():
    """A store that was made with the thread is one like any other."""
    assistant, *_, asked = (
        entry for entry in now.moved(kept_of(files_and_a_vector_store, Replay())) if entry.first
    )
    assert '"file_ids": [file.id]' in now.named(assistant.code)
    assert '"vector_store_ids": [vector_store.id]' in now.named(asked.code)
    assert asked.decide == []


def test_a_loop_streams_where_the_program_did_and_what_it_took_is_found(tmp_path: Path):
    file = tmp_path / "replies.json"
    file.write_text(json.dumps(REPLIES), encoding="utf-8")
    kept = kept_of(functions_that_only_the_run_has, Replay(taught=Taught(file, check_body)))
    *_, loop, _, steps, runs = now.moved(kept)
    assert "stream=True" in loop.code
    assert "Your own dispatch goes here" in loop.code
    assert "client.conversations.items.list" in steps.code
    assert "`total_tokens`" in runs.why


def test_more_than_twenty_flows_are_tried():
    assert len(FLOWS) >= 20
