"""Streams: the events of runs and responses, through the SDK's helpers and on the wire."""

import json
import re
import socket
from dataclasses import replace

import httpx2
import pytest
from openai import OpenAI

from .help import headers, place
from .record import ask
from .replay.api import Replay
from .replay.replies import NO_REPLY, NO_REPLY_JA
from .test_tools import QUESTION, WEATHER, asked_for_the_weather

HELLO = [{"role": "user", "content": "Help with math"}]


def events(answer: httpx2.Response) -> list[tuple[str, str]]:
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.text.endswith("\n\n")
    return re.findall(r"event: (.*)\ndata: (.*)\n\n", answer.text)


@pytest.fixture
def run(client: OpenAI) -> dict:
    assistant = client.beta.assistants.create(model="gpt-4o")
    thread = client.beta.threads.create(messages=HELLO)
    return {"thread_id": thread.id, "assistant_id": assistant.id}


def test_a_run_as_a_stream_has_the_apis_events_in_their_order(client: OpenAI, base_url, run):
    body = {"assistant_id": run["assistant_id"], "stream": True}
    url = f"{base_url}/threads/{run['thread_id']}/runs"
    told = events(httpx2.post(url, headers=headers(), json=body))
    names = [name.removeprefix("thread.") for name, _ in told]
    deltas = names.count("message.delta")
    assert names == [
        *("run.created", "run.queued", "run.in_progress"),
        *("run.step.created", "run.step.in_progress"),
        *("message.created", "message.in_progress"),
        *["message.delta"] * deltas,
        *("message.completed", "run.step.completed", "run.completed", "done"),
    ]
    assert told[-1] == ("done", "[DONE]")
    data = [json.loads(text) for _, text in told[:-1]]
    assert [value["status"] for value in data[:3]] == ["queued", "queued", "in_progress"]
    new = data[5]
    assert new["content"] == []
    assert list(new)[5:11] == [
        *("run_id", "status", "incomplete_details", "incomplete_at", "completed_at", "role")
    ]
    parts = [value["delta"]["content"][0] for value in data if "delta" in value]
    words = "".join(part["text"]["value"] for part in parts)
    assert words == "Gladly. What would you like to begin with? (sample)"
    assert deltas > 8
    run_after = client.beta.threads.runs.retrieve(data[0]["id"], thread_id=run["thread_id"])
    in_stream = {"tool_resources": {"code_interpreter": {"file_ids": []}}}
    assert run_after.to_dict() | in_stream == data[-1]
    stored = client.beta.threads.messages.list(run["thread_id"]).data[0]
    assert stored.content[0].text.value == words


def test_the_sdks_helpers_read_a_run(client: OpenAI, run):
    with client.beta.threads.runs.stream(**run) as stream:
        words = "".join(stream.text_deltas)
        assert stream.get_final_run().status == "completed"
        assert stream.get_final_messages()[0].content[0].text.value == words
        assert stream.get_final_run_steps()[0].type == "message_creation"


def test_a_thread_and_a_run_in_one_call_streamed_or_not(client: OpenAI, run):
    call = {"assistant_id": run["assistant_id"], "thread": {"messages": HELLO}}
    queued = client.beta.threads.create_and_run(**call)
    assert queued.status == "queued"
    assert client.beta.threads.create_and_run_poll(**call).status == "completed"
    told = list(client.beta.threads.create_and_run(**call, stream=True))
    assert [event.event for event in told[:2]] == ["thread.created", "thread.run.created"]
    assert told[0].data.to_dict()["tool_resources"] == {"code_interpreter": {"file_ids": []}}
    assert told[-1].event == "thread.run.completed"


def test_tool_calls_of_a_run_as_a_stream(client: OpenAI):
    run = asked_for_the_weather(client)
    with client.beta.threads.runs.stream(**run) as stream:
        told = [event.event for event in stream]
        waiting = stream.current_run
    assert told[3:5] == ["thread.run.step.created", "thread.run.step.in_progress"]
    assert told[-2:] == ["thread.run.step.delta", "thread.run.requires_action"]
    call = waiting.required_action.submit_tool_outputs.tool_calls[0]
    assert json.loads(call.function.arguments) == {"city": "東京"}
    outputs = [{"tool_call_id": call.id, "output": "東京: 晴れ、18度"}]
    with client.beta.threads.runs.submit_tool_outputs_stream(
        run_id=waiting.id, thread_id=run["thread_id"], tool_outputs=outputs
    ) as stream:
        told = [event.event for event in stream]
    assert told[:3] == [
        *("thread.run.step.completed", "thread.run.queued", "thread.run.in_progress")
    ]
    assert told[-1] == "thread.run.completed"


def test_a_response_as_a_stream_has_the_apis_events_in_their_order(client, base_url):
    body = {"model": "gpt-6-luna", "input": "Help with math", "stream": True}
    answer = httpx2.post(f"{base_url}/responses", headers=headers(), json=body)
    told = events(answer)
    assert "x-ratelimit-limit-requests" in answer.headers
    data = [json.loads(text) for _, text in told]
    assert [value["type"] for value in data] == [name for name, _ in told]
    assert [value["sequence_number"] for value in data] == list(range(len(data)))
    names = [name.removeprefix("response.") for name, _ in told]
    deltas = names.count("output_text.delta")
    assert names == [
        *("created", "in_progress", "output_item.added", "output_item.done"),
        *("output_item.added", "content_part.added"),
        *["output_text.delta"] * deltas,
        *("output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    begun, whole = data[0]["response"], data[-1]["response"]
    assert (begun["status"], begun["output"], begun["usage"]) == ("in_progress", [], None)
    assert list(begun) == list(whole)
    assert [item["type"] for item in whole["output"]] == ["reasoning", "message"]
    for value in data:
        if "delta" in value:
            assert len(value["obfuscation"]) == 16 - len(value["delta"]) % 16
        assert list(value) == ["type", *sorted(value.keys() - {"type"})]
    stored = client.responses.retrieve(whole["id"]).to_dict()
    assert stored == whole


def test_the_sdks_helpers_read_a_response(client: OpenAI):
    made = client.conversations.create()
    call = {"model": "gpt-6-luna", "input": "質問1", "conversation": made.id}
    with client.responses.stream(**call) as stream:
        words = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
        assert stream.get_final_response().output_text == words
    kinds = [item.type for item in client.conversations.items.list(made.id, order="asc")]
    assert kinds == ["message", "reasoning", "message"]


def test_a_function_call_as_a_stream(client: OpenAI):
    call = {"model": "gpt-5.4", "input": QUESTION, "tools": [WEATHER], "stream": True}
    told = list(client.responses.create(**call))
    names = [event.type.removeprefix("response.") for event in told]
    assert names[2] == "output_item.added"
    assert names[-3:] == ["function_call_arguments.done", "output_item.done", "completed"]
    deltas = [e.delta for e in told if e.type == "response.function_call_arguments.delta"]
    assert "".join(deltas) == told[-3].arguments


def test_without_a_recording_a_stream_says_so_in_the_questions_language(client: OpenAI):
    for question, sentence in (("unheard of", NO_REPLY), ("聞いたことがない", NO_REPLY_JA)):
        call = {"model": "gpt-5.4", "input": question}
        assert client.responses.create(**call).output_text == sentence
        with client.responses.stream(**call) as stream:
            whole = stream.get_final_response()
        assert whole.output_text == sentence
        assert "billing" not in whole.to_dict()


def test_a_client_that_hangs_up_in_the_middle_costs_nothing(client: OpenAI, base_url: str):
    body = json.dumps({"model": "gpt-5.4", "input": "x", "stream": True})
    head = f"POST /v1/responses HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
    for _ in range(20):
        with socket.create_connection(place(base_url)) as connection:
            connection.sendall(f"{head}Authorization: Bearer sk-x\r\n\r\n{body}".encode())
            connection.recv(10)
    assert client.responses.create(model="gpt-5.4", input="x").output_text == NO_REPLY


def test_deltas_are_not_padded_when_that_is_not_wanted(client: OpenAI):
    call = {"model": "gpt-5.4", "input": "x", "stream": True}
    told = client.responses.create(**call, stream_options={"include_obfuscation": False})
    deltas = [event.to_dict() for event in told if event.type == "response.output_text.delta"]
    assert deltas
    assert not any("obfuscation" in delta for delta in deltas)


def test_a_captured_stream_with_other_deltas_goes_out_as_captured(replay: Replay):
    """Where the API cuts its deltas is its own; the state that a stream tells is what counts."""
    exchanges = list(replay.recordings.exchanges)
    number = next(
        n
        for n, e in enumerate(exchanges)
        if e.path == "/v1/responses"
        and "event:" in str(e.response_body)[:9]
        and "conversation" not in e.request_body
    )
    asked = exchanges[number]
    text = re.sub('"obfuscation":"[^"]*"', '"obfuscation":"x\u2028"', asked.response_body)
    exchanges[number] = replace(asked, response_body=text)
    answer = ask(Replay(exchanges), exchanges[number])
    assert answer.headers["x-replay"] == "recorded", answer.why
    assert answer.content == exchanges[number].content
