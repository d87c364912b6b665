"""Functions that a model may call, and the steps of a run."""

import json
from typing import get_args, get_type_hints

import pytest
from openai import BadRequestError, NotFoundError, OpenAI
from openai.types.beta.assistant_update_params import AssistantUpdateParams

from .replay.replies import NO_REPLY_JA, Reply

QUESTION = "東京の天気は？"
OUTPUT = "東京: 晴れ、18度"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "name": "get_weather", "parameters": SCHEMA, "strict": False}
OLD_WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}


def asked_for_the_weather(client: OpenAI, question: str = QUESTION, **options) -> dict:
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[OLD_WEATHER])
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question}])
    return {"thread_id": thread.id, "assistant_id": assistant.id} | options


def test_a_run_waits_for_the_output_of_a_function_and_goes_on(client: OpenAI):
    wanted = asked_for_the_weather(client)
    run = client.beta.threads.runs.create_and_poll(**wanted)
    assert run.status == "requires_action"
    assert run.expires_at
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    assert (call.function.name, json.loads(call.function.arguments)) == (
        "get_weather",
        {"city": "東京"},
    )
    place = {"thread_id": run.thread_id}
    with pytest.raises(BadRequestError, match=r"while a run run_.* is active"):
        client.beta.threads.messages.create(**place, role="user", content="x")
    outputs = [{"tool_call_id": call.id, "output": OUTPUT}]
    queued = client.beta.threads.runs.submit_tool_outputs(run.id, **place, tool_outputs=outputs)
    assert (queued.status, queued.required_action) == ("queued", None)
    assert queued.started_at == run.started_at
    assert client.beta.threads.runs.poll(run.id, **place).status == "completed"
    newest = client.beta.threads.messages.list(run.thread_id).data[0]
    assert newest.content[0].text.value.startswith("東京は晴れで、18度です")
    said, called = client.beta.threads.runs.steps.list(run.id, **place).data
    assert said.step_details.message_creation.message_id == newest.id
    assert called.step_details.tool_calls[0].function.output == OUTPUT
    assert [step.status for step in (said, called)] == ["completed", "completed"]
    same = client.beta.threads.runs.steps.retrieve(called.id, run_id=run.id, **place)
    assert same.to_dict() == called.to_dict()
    with pytest.raises(NotFoundError, match="No run step found with id '123'"):
        client.beta.threads.runs.steps.retrieve("123", run_id=run.id, **place)


def test_outputs_that_nobody_waits_for_are_refused(client: OpenAI):
    wanted = asked_for_the_weather(client)
    run = client.beta.threads.runs.create(**wanted)
    place = {"run_id": run.id, "thread_id": run.thread_id, "tool_outputs": []}
    message = 'Runs in status "queued" do not accept tool outputs.'
    with pytest.raises(BadRequestError) as error:
        client.beta.threads.runs.submit_tool_outputs(**place)
    assert error.value.body["message"] == message
    client.beta.threads.runs.poll(run.id, thread_id=run.thread_id)
    place["tool_outputs"] = [{"tool_call_id": "call_other", "output": ""}]
    with pytest.raises(BadRequestError) as error:
        client.beta.threads.runs.submit_tool_outputs(**place)
    assert error.value.code == "not_replayed"


@pytest.mark.parametrize("options", [{"tools": []}, {"tool_choice": "none"}])
def test_no_call_comes_of_a_function_that_the_run_may_not_call(client: OpenAI, options):
    run = client.beta.threads.runs.create_and_poll(**asked_for_the_weather(client, **options))
    assert run.status == "completed"
    newest = client.beta.threads.messages.list(run.thread_id).data[0]
    assert newest.content[0].text.value == NO_REPLY_JA


def test_no_call_is_made_up_for_a_question_that_has_no_recording(client: OpenAI):
    wanted = asked_for_the_weather(client, "大阪の天気は？")
    assert client.beta.threads.runs.create_and_poll(**wanted).status == "completed"
    call = {"model": "gpt-5.4", "input": "大阪の天気は？", "tools": [WEATHER]}
    assert client.responses.create(**call).output_text == NO_REPLY_JA


def test_of_a_recorded_turn_all_calls_are_made_or_none(client: OpenAI, replay):
    two = Reply(calls=(("get_weather", "{}"), ("other", "{}")))
    replay.recordings.reply_to = lambda api, turn: two
    for tools, made in (([WEATHER], 0), ([WEATHER, WEATHER | {"name": "other"}], 2)):
        output = client.responses.create(model="gpt-5.4", input="x", tools=tools).output
        assert sum(item.type == "function_call" for item in output) == made


def test_a_run_may_be_modified_when_it_has_ended(client: OpenAI):
    run = client.beta.threads.runs.create(**asked_for_the_weather(client, tool_choice="none"))
    place = {"thread_id": run.thread_id}
    for status in ("queued", "in_progress"):
        with pytest.raises(BadRequestError, match=f"Cannot update run with status '{status}'"):
            client.beta.threads.runs.update(run.id, **place, metadata={"a": "b"})
        client.beta.threads.runs.retrieve(run.id, **place)
    assert client.beta.threads.runs.update(run.id, **place, metadata={"a": "b"}).metadata == {
        "a": "b"
    }


def test_a_response_calls_a_function_and_reads_its_output(client: OpenAI):
    made = client.conversations.create()
    call = {"model": "gpt-6-luna", "conversation": made.id, "tools": [WEATHER]}
    first = client.responses.create(**call, input=QUESTION)
    wanted = next(item for item in first.output if item.type == "function_call")
    assert first.output_text == ""
    assert (wanted.name, json.loads(wanted.arguments)) == ("get_weather", {"city": "東京"})
    output = {"type": "function_call_output", "call_id": wanted.call_id, "output": OUTPUT}
    assert client.responses.create(**call, input=[output]).output_text.startswith("東京は晴れで")
    kinds = [item.type for item in client.conversations.items.list(made.id, order="asc")]
    wanted = ["message", "reasoning", "function_call", "function_call_output", "reasoning"]
    assert kinds == [*wanted, "message"]


def test_the_same_by_previous_response_id_or_by_history(client: OpenAI):
    call = {"model": "gpt-5.4", "tools": [WEATHER]}
    first = client.responses.create(**call, input=QUESTION)
    output = {"type": "function_call_output", "output": OUTPUT}
    output["call_id"] = first.output[0].call_id
    second = client.responses.create(**call, input=[output], previous_response_id=first.id)
    history = [{"role": "user", "content": QUESTION}, first.output[0].to_dict(), output]
    third = client.responses.create(**call, input=history)
    for response in (second, third):
        assert response.output_text.startswith("東京は晴れで")
    other = [*history[:2], output | {"output": "雨"}]
    assert client.responses.create(**call, input=other).output_text == NO_REPLY_JA


def test_an_output_needs_the_call_that_it_is_of(client: OpenAI):
    output = {"type": "function_call_output", "call_id": "call_x", "output": "y"}
    with pytest.raises(BadRequestError) as error:
        client.responses.create(model="gpt-5.4", input=[output])
    message = "No tool call found for function call output with call_id call_x."
    assert (error.value.body["message"], error.value.param) == (message, "input")


def test_functions_are_shown_with_all_their_fields(client: OpenAI):
    bare = {"type": "function", "function": {"name": "f"}}
    tools = [bare, {"type": "file_search"}, {"type": "code_interpreter"}]
    made = client.beta.assistants.create(model="gpt-4o", tools=tools).to_dict()
    function = {"name": "f", "description": None, "strict": False}
    function["parameters"] = {"type": "object", "properties": {}}
    ranking = {"ranker": "default_2024_08_21", "score_threshold": 0.0, "hybrid_search": None}
    assert made["tools"] == [
        {"type": "function", "function": function},
        {"type": "file_search", "file_search": {"ranking_options": ranking}},
        {"type": "code_interpreter"},
    ]
    assert made["tool_resources"] == {"code_interpreter": {"file_ids": []}}
    names = ["type", "description", "name", "output_schema", "parameters", "strict"]
    unset = {name: value for name, value in WEATHER.items() if name != "strict"}
    for tool, strict in ((WEATHER, False), (unset, True)):
        call = {"model": "gpt-5.4", "input": "x", "tools": [tool]}
        shown = client.responses.with_raw_response.create(**call).http_response.json()["tools"][0]
        assert list(shown) == names
        assert shown["strict"] == strict
        assert ("additionalProperties" in shown["parameters"]) == strict
    parameters = {"type": "object", "properties": {"at": {"anyOf": [{"type": "null"}, SCHEMA]}}}
    tool = {"type": "function", "name": "f", "parameters": parameters}
    shown = client.responses.create(model="gpt-5.4", input="x", tools=[tool]).tools[0].parameters
    assert shown["properties"]["at"]["anyOf"][1]["additionalProperties"] is False


def test_an_assistant_has_any_model_that_assistants_had(client: OpenAI):
    """Those of the SDK's own list, gone or not, and fine-tuned ones."""
    model = get_type_hints(AssistantUpdateParams)["model"]
    names = [name for part in get_args(model) for name in get_args(part)]
    names = [name for name in names if not name.startswith("gpt-5")]
    assert "gpt-4.5-preview" in names
    for name in (*names, "ft:gpt-3.5-turbo-0125:org::abc"):
        assert client.beta.assistants.create(model=name).model == name


def test_assistants_are_listed_newest_first_and_modified(client: OpenAI):
    made = [client.beta.assistants.create(model="gpt-4o", name=str(n)) for n in range(3)]
    names = [assistant.name for assistant in client.beta.assistants.list(limit=2)]
    assert names == ["2", "1", "0"]
    changed = client.beta.assistants.update(
        made[0].id, name="new", instructions="Be brief.", metadata={"a": "b"}
    )
    assert (changed.name, changed.instructions, changed.metadata) == (
        "new",
        "Be brief.",
        {"a": "b"},
    )
    assert client.beta.assistants.retrieve(made[0].id).name == "new"
