"""Conversations and Responses through the SDK: state, items, replies, ids, errors."""

import re

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from .replay.api import Replay
from .replay.replies import NO_REPLY
from .replay.server import serving
from .test_tools import QUESTION, WEATHER


def texts(client: OpenAI, conversation: str, **query) -> list[str]:
    return [i.content[0].text for i in client.conversations.items.list(conversation, **query)]


def test_a_conversation_is_made_read_updated_and_deleted(client: OpenAI):
    made = client.conversations.create(
        metadata={"a": "1"}, items=[{"role": "user", "content": "x"}]
    )
    assert set(made.to_dict()) == {"id", "object", "created_at", "metadata"}
    assert client.conversations.update(made.id, metadata={"b": "2"}).metadata == {
        "a": "1",
        "b": "2",
    }
    assert client.conversations.update(made.id, metadata={}).metadata == {"a": "1", "b": "2"}
    assert client.conversations.retrieve(made.id).metadata == {"a": "1", "b": "2"}
    assert client.conversations.delete(made.id).object == "conversation.deleted"
    for call in (client.conversations.retrieve, client.conversations.delete):
        with pytest.raises(NotFoundError, match=f"Conversation with id '{made.id}' not found"):
            call(made.id)


def test_items_come_back_newest_first_with_types_by_role(client: OpenAI):
    items = [{"role": role, "content": role} for role in ("developer", "user", "assistant")]
    made = client.conversations.create(items=items)
    listed = client.conversations.items.list(made.id).data
    assert [item.role for item in listed] == ["assistant", "user", "developer"]
    assert [item.content[0].type for item in listed] == ["output_text", "input_text", "input_text"]
    assert listed[0].to_dict()["content"] == [
        {"type": "output_text", "annotations": [], "logprobs": [], "text": "assistant"}
    ]
    assert texts(client, made.id, order="asc", limit=1) == ["developer", "user", "assistant"]


def test_an_item_is_retrieved_and_deleted(client: OpenAI):
    made = client.conversations.create(items=[{"role": "user", "content": "x"}])
    item = client.conversations.items.list(made.id).data[0]
    place = {"conversation_id": made.id}
    assert client.conversations.items.retrieve(item.id, **place).to_dict() == item.to_dict()
    assert client.conversations.items.delete(item.id, **place).id == made.id
    with pytest.raises(NotFoundError, match=f"Item with id '{item.id}' not found in conversation"):
        client.conversations.items.retrieve(item.id, **place)


def test_a_response_appends_question_and_answer_and_is_kept(client: OpenAI):
    made = client.conversations.create()
    response = client.responses.create(
        model="gpt-5.4-mini", conversation=made.id, input="unheard of", instructions="Be brief."
    )
    assert response.output_text == NO_REPLY
    assert response.to_dict()["conversation"] == {"id": made.id}
    assert response.previous_response_id is None
    assert texts(client, made.id) == [NO_REPLY, "unheard of"]
    assert client.responses.retrieve(response.id).to_dict() == response.to_dict()
    client.responses.delete(response.id)
    with pytest.raises(NotFoundError, match=f"Response with id '{response.id}' not found"):
        client.responses.retrieve(response.id)
    assert len(texts(client, made.id)) == 2


def test_a_response_without_a_conversation_can_follow_another(client: OpenAI):
    first = client.responses.create(
        model="gpt-5.4", input="a", metadata={"k": "v"}, temperature=0.5
    )
    assert "conversation" not in first.to_dict()
    assert (first.metadata, first.temperature) == ({"k": "v"}, 0.5)
    second = client.responses.create(model="gpt-5.4", input="b", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    unstored = client.responses.create(model="gpt-5.4", input="c", store=False)
    with pytest.raises(NotFoundError):
        client.responses.retrieve(unstored.id)


def test_a_recorded_question_gets_the_recorded_words(client: OpenAI):
    for given in ("Help with math", [{"role": "user", "content": "Help with math"}]):
        made = client.conversations.create()
        response = client.responses.create(
            model="gpt-5.4", conversation={"id": made.id}, input=given
        )
        assert response.output_text.startswith("Gladly.")


def test_ids_carry_the_conversations_key(client: OpenAI):
    made = client.conversations.create(items=[{"role": "user", "content": "x"}])
    response = client.responses.create(model="gpt-5.4", conversation=made.id, input="y")
    key = made.id[-16:]
    newest, _, oldest = client.conversations.items.list(made.id).data
    assert re.fullmatch(r"conv_[0-9a-f]{48}", made.id)
    assert int(made.id[5:13], 16) == made.created_at
    assert re.fullmatch(rf"msg_[0-9a-f]{{32}}{key}", oldest.id)
    assert re.fullmatch(rf"resp_{key}00[0-9a-f]{{32}}", response.id)
    assert re.fullmatch(rf"msg_{key}00[0-9a-f]{{32}}", newest.id)


def test_only_responses_have_rate_limit_headers_and_escape_their_text(client: OpenAI):
    made = client.conversations.with_raw_response.create(metadata={"k": "日本"})
    answer = client.responses.with_raw_response.create(
        model="gpt-5.4", input="日本", metadata={"k": "日本"}
    )
    assert "x-ratelimit-limit-requests" not in made.headers
    assert "x-ratelimit-limit-requests" in answer.headers
    assert "日本" in made.http_response.text
    assert answer.http_response.content.isascii()


CHOICE = {"type": "function", "name": "get_weather"}


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"tool_choice": "required"}, "tool_choice", None),
        ({"tool_choice": {"type": "function", "name": "f"}}, "tool_choice", None),
        ({"tool_choice": "required", "tools": [WEATHER]}, "tool_choice", "not_replayed"),
        ({"tool_choice": CHOICE, "tools": [WEATHER]}, "tool_choice", "not_replayed"),
        ({"include": ["message.output_text.logprobs"]}, "include", "not_replayed"),
        ({"background": True}, "background", "not_replayed"),
        ({"prompt": {"id": "pmpt_1"}}, "prompt", "not_replayed"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format", None),
        ({"input": "json", "text": {"format": {"type": "json_object"}}}, "text", "not_replayed"),
        ({"previous_response_id": "resp_1"}, "previous_response_id", "previous_response_not_found"),
        ({"client_metadata": {}}, "client_metadata", "not_replayed"),
        ({"input": None}, "input", "invalid_type"),
        ({"input": [{"type": "web_search_call"}]}, "input[0].type", "not_replayed"),
        ({"temperature": "hot"}, "temperature", "invalid_type"),
    ],
)
def test_what_a_response_cannot_be_asked(client: OpenAI, body: dict, param: str, code: str):
    with pytest.raises(BadRequestError) as error:
        client.responses.create(**{"model": "gpt-5.4", "input": "x", "extra_body": body})
    assert (error.value.param, error.value.code) == (param, code)


def test_more_than_twenty_items_a_call_are_refused(client: OpenAI):
    made = client.conversations.create()
    items = [{"role": "user", "content": str(n)} for n in range(21)]
    assert len(client.conversations.items.create(made.id, items=items[:20]).data) == 20
    with pytest.raises(BadRequestError, match="maximum length 20"):
        client.conversations.items.create(made.id, items=items)


def test_an_item_that_is_sent_back_is_not_there_twice(client: OpenAI):
    made = client.conversations.create()
    call = {"model": "gpt-6-luna", "conversation": made.id}
    first = client.responses.create(**call, input="unheard of")
    thought = first.output[0].to_dict()
    (again,) = client.conversations.items.create(made.id, items=[thought]).data
    assert again.id != thought["id"]
    client.conversations.items.delete(thought["id"], conversation_id=made.id)
    assert len(client.conversations.items.list(made.id).data) == 3


def test_a_reasoning_item_sent_to_a_new_server_keeps_its_id_and_no_other_gets_it(client: OpenAI):
    """What is minted next may equal what another server minted first."""
    question = [{"role": "user", "content": "unheard of"}]
    earlier = client.responses.create(model="gpt-6-luna", input=question)
    history = [*question, *(item.to_dict() for item in earlier.output)]
    with serving(Replay()) as url:
        fresh = OpenAI(base_url=url, api_key="sk-test")
        made = fresh.conversations.create()
        fresh.responses.create(
            model="gpt-6-luna", conversation=made.id, input=[*history, *question]
        )
        ids = [item.id for item in fresh.conversations.items.list(made.id)]
    assert earlier.output[0].id in ids
    assert len(ids) == len(set(ids)) == 6


CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": []}
ASK = {"role": "user", "content": "x"}
ANSWER = {"type": "message", "role": "assistant", "content": "y"}
TWICE = "Duplicate item found with id msg_1. Remove duplicate items from your input and try again."
OPEN = "No tool output found for function call call_1."
ALONE = "Item 'rs_1' of type 'reasoning' was provided without its required following item."


@pytest.mark.parametrize(
    ("before", "given", "says"),
    [
        ([], [ASK | {"id": "msg_1"}] * 2, TWICE),
        ([ASK | {"id": "msg_1"}], [ASK | {"id": "msg_1"}], TWICE),
        ([], [ASK, CALL], OPEN),
        ([ASK, CALL], [ASK], OPEN),
        ([ASK, CALL, CALL | {"call_id": "call_2"}], [OUTPUT | {"call_id": "call_2"}], OPEN),
        ([], [ASK, THOUGHT], ALONE),
        ([ASK, CALL], [OUTPUT], ""),
        ([], [ASK, CALL, OUTPUT], ""),
        ([], [ASK, THOUGHT, ANSWER], ALONE),
        ([ASK], [THOUGHT, ANSWER | {"id": "msg_2"}, ASK], ""),
        ([], [{k: v for k, v in THOUGHT.items() if k != "id"}, ASK], ""),
        ([], [CALL | {"status": None}, OUTPUT], ""),
    ],
)
def test_what_was_said_decides_what_may_be_said_next(client: OpenAI, before, given, says):
    """In a conversation, and after a response; what is refused leaves nothing behind."""
    made = client.conversations.create(items=before)
    call = {"model": "gpt-6-luna", "input": given}
    for place in ({"conversation": made.id}, {}):
        if not place and before:
            continue
        if not says:
            assert client.responses.create(**call, **place).status == "completed"
            continue
        with pytest.raises(BadRequestError) as error:
            client.responses.create(**call, **place)
        assert (error.value.body["message"], error.value.param) == (says, "input")
        assert error.value.code is None
        assert len(client.conversations.items.list(made.id).data) == len(before)


def test_a_call_that_a_chain_left_open_and_an_item_of_it_sent_again_are_refused(client: OpenAI):
    call = {"model": "gpt-5.4", "tools": [WEATHER]}
    first = client.responses.create(**call, input=QUESTION)
    with pytest.raises(BadRequestError, match="No tool output found for function call call_"):
        client.responses.create(**call, input="And?", previous_response_id=first.id)
    (called,) = first.output
    output = {"type": "function_call_output", "call_id": called.call_id, "output": "x"}
    again = [called.to_dict(), output]
    with pytest.raises(BadRequestError, match=f"Duplicate item found with id {called.id}"):
        client.responses.create(**call, input=again, previous_response_id=first.id)
    second = client.responses.create(**call, input=[output], previous_response_id=first.id)
    assert second.status == "completed"


def test_what_a_stored_responses_reasoning_led_to_comes_with_it(client: OpenAI):
    first = client.responses.create(model="gpt-6-luna", input="unheard of")
    thought, answer = (item.to_dict() for item in first.output)
    call = {"model": "gpt-6-luna"}
    with pytest.raises(BadRequestError) as error:
        client.responses.create(**call, input=[ASK, answer, ASK])
    assert error.value.body["message"] == (
        f"Item '{answer['id']}' of type 'message' was provided without its required 'reasoning'"
        f" item: '{thought['id']}'."
    )
    bare = {name: value for name, value in answer.items() if name != "id"}
    for history in ([thought, answer], [bare]):
        assert client.responses.create(**call, input=[ASK, *history, ASK]).status == "completed"
    client.responses.delete(first.id)
    assert client.responses.create(**call, input=[ASK, answer, ASK]).status == "completed"


def test_a_reference_stands_for_the_stored_item(client: OpenAI):
    """So the AI SDK sends what was said before."""
    call = {"model": "gpt-5.4"}
    first = client.responses.create(**call, input="unheard of")
    for reference in (
        {"type": "item_reference", "id": first.output[0].id},
        {"id": first.output[0].id},
    ):
        second = client.responses.create(**call, input=[ASK, reference, ASK])
        given = [item.id for item in client.responses.input_items.list(second.id, order="asc")]
        assert given[1] == first.output[0].id
    gone = client.responses.create(**call, input="unheard of", store=False).output[0].id
    for store, more in ((True, ""), (False, " Items are not persisted when `store` is set to")):
        with pytest.raises(NotFoundError) as error:
            client.responses.create(**call, input=[{"id": gone}, ASK], store=store)
        assert error.value.body["message"].startswith(f"Item with id '{gone}' not found.{more}")
        assert (error.value.param, error.value.code) == ("input", None)
    made = client.conversations.create()
    with pytest.raises(BadRequestError, match="items of type `item_reference`"):
        client.conversations.items.create(made.id, items=[{"id": first.output[0].id}])


def test_a_functions_output_may_be_parts(client: OpenAI):
    """So haystack sends it, and the AI SDK and pydantic-ai what is more than text."""
    parts = [{"type": "input_text", "text": "x"}]
    image = {"type": "input_image", "detail": "auto", "image_url": "https://x.org/a.png"}
    made = client.conversations.create(items=[CALL])
    call = {"model": "gpt-5.4", "conversation": made.id}
    client.responses.create(**call, input=[OUTPUT | {"output": [*parts, image]}])
    shown = client.conversations.items.list(made.id).data[1].to_dict()["output"]
    assert shown == [*parts, image | {"file_id": None}]
    unknown = {"type": "input_image", "detail": "auto", "file_id": "file-x"}
    with pytest.raises(NotFoundError, match="file-x"):
        client.responses.create(model="gpt-5.4", input=[CALL, OUTPUT | {"output": [unknown]}])
    with pytest.raises(BadRequestError, match="Invalid value: 'text'"):
        client.responses.create(
            model="gpt-5.4", input=[CALL, OUTPUT | {"output": [{"type": "text", "text": "x"}]}]
        )


def test_what_is_not_stored_adds_nothing_to_a_conversation(client: OpenAI):
    made = client.conversations.create()
    call = {"model": "gpt-5.4", "conversation": made.id, "input": "x"}
    client.responses.create(**call, store=False)
    assert client.conversations.items.list(made.id).data == []
    client.responses.create(**call)
    assert len(client.conversations.items.list(made.id).data) == 2


def test_a_recorded_reply_is_not_given_to_a_conversation_that_has_its_words(replay, client: OpenAI):
    """What a learner wrote by hand took the recorded id; the reply gets one of its own."""
    asked = next(e for e in replay.recordings.exchanges if "conversation" in (e.request_body or {}))
    place = asked.request_body["conversation"]
    made = next(e for e in replay.recordings.exchanges if (e.value or {}).get("id") == place)
    client.conversations.create(**made.request_body or {})
    reply = asked.value["output"][-1]
    mine = {"type": "message", "role": "assistant", "content": reply["content"]}
    if "phase" in reply:
        mine["phase"] = reply["phase"]
    client.conversations.items.create(place, items=[mine])
    client.responses.create(**asked.request_body)
    ids = [item.id for item in client.conversations.items.list(place)]
    assert len(ids) == len(set(ids)) >= 3
