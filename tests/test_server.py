"""The server through the SDK: state, lists, the life of a run, errors, headers."""

import re

import httpx2
import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from .replay import recordings
from .replay.runs import NO_REPLY
from .replay.server import Replay, serving

BETA = {"Authorization": "Bearer sk-test", "OpenAI-Beta": "assistants=v2"}


def texts(client: OpenAI, thread: str, **query) -> list[str]:
    return [m.content[0].text.value for m in client.beta.threads.messages.list(thread, **query)]


def test_a_thread_is_there_until_it_is_deleted(client: OpenAI):
    thread = client.beta.threads.create(metadata={"a": "b"})
    assert client.beta.threads.retrieve(thread.id).metadata == {"a": "b"}
    assert client.beta.threads.delete(thread.id).to_dict() == {
        "id": thread.id,
        "object": "thread.deleted",
        "deleted": True,
    }
    for call in (client.beta.threads.retrieve, client.beta.threads.delete):
        with pytest.raises(NotFoundError, match=f"No thread found with id '{thread.id}'."):
            call(thread.id)


def test_a_key_sees_nothing_of_another_keys(client: OpenAI, base_url: str):
    thread = client.beta.threads.create()
    with pytest.raises(NotFoundError):
        OpenAI(base_url=base_url, api_key="sk-other").beta.threads.retrieve(thread.id)


def test_a_recorded_request_made_again_is_computed_with_a_new_id(client: OpenAI):
    """State wins over recordings: a reply can't come back stale."""
    create = client.beta.threads.with_raw_response.create
    hello = "Hello, I'm looking for a tutor to help me with my math homework."
    answers = [create(messages=[{"role": "user", "content": hello}]) for _ in range(2)]
    assert [answer.headers["x-replay"] for answer in answers] == ["recorded", "computed"]
    first, second = (answer.parse() for answer in answers)
    assert first.id == "thread_abc123xyz789"
    assert second.id != first.id
    assert second.created_at > first.created_at
    assert texts(client, second.id) == [hello]


def test_tool_resources_are_empty_on_create_and_not_on_retrieve(client: OpenAI):
    thread = client.beta.threads.create()
    assert thread.to_dict()["tool_resources"] == {}
    assert client.beta.threads.retrieve(thread.id).to_dict()["tool_resources"] == {
        "code_interpreter": {"file_ids": []}
    }
    modified = client.beta.threads.update(
        thread.id, tool_resources={"file_search": {"vector_store_ids": ["vs_1"]}}
    )
    assert modified.to_dict()["tool_resources"] == {"file_search": {"vector_store_ids": ["vs_1"]}}


def test_metadata_is_merged_and_an_empty_object_clears_a_threads(client: OpenAI):
    thread = client.beta.threads.create(metadata={"a": "1", "b": "2"})
    update = client.beta.threads.update
    assert update(thread.id, metadata={"b": "", "c": "3"}).metadata == {"a": "1", "b": "", "c": "3"}
    assert update(thread.id, metadata={}).metadata == {}


def test_bodies_are_indented_unescaped_and_in_the_apis_order(base_url: str):
    answer = httpx2.post(f"{base_url}/threads", headers=BETA, json={"metadata": {"k": "日本"}})
    thread = answer.json()
    assert answer.content.decode() == (
        f'{{\n  "id": "{thread["id"]}",\n  "object": "thread",\n'
        f'  "created_at": {thread["created_at"]},\n  "metadata": {{\n    "k": "日本"\n  }},\n'
        '  "tool_resources": {}\n}'
    )


def test_a_request_without_a_body_creates_a_thread(base_url: str):
    assert httpx2.post(f"{base_url}/threads", headers=BETA).status_code == 200


def test_messages_of_one_second_keep_their_order_in_both_directions(client: OpenAI):
    roles = ("user", "assistant", "user")
    thread = client.beta.threads.create(
        messages=[{"role": role, "content": f"{n}"} for n, role in enumerate(roles)]
    )
    client.beta.threads.messages.create(thread.id, role="user", content="later")
    assert texts(client, thread.id, order="asc") == ["0", "1", "2", "later"]
    assert texts(client, thread.id) == ["later", "0", "1", "2"]
    assert texts(client, thread.id, order="asc", limit=1) == ["0", "1", "2", "later"]


def test_a_message_is_made_read_modified_and_deleted(client: OpenAI):
    thread = client.beta.threads.create()
    message = client.beta.threads.messages.create(thread.id, role="assistant", content="a")
    same = {"message_id": message.id, "thread_id": thread.id}
    modified = client.beta.threads.messages.update(**same, metadata={"a": "b"}).to_dict()
    assert modified["file_ids"] == []
    assert "attachments" not in modified
    assert client.beta.threads.messages.retrieve(**same).metadata == {"a": "b"}
    assert client.beta.threads.messages.delete(**same).object == "thread.message.deleted"
    with pytest.raises(NotFoundError, match="No message found with id"):
        client.beta.threads.messages.retrieve(**same)


def test_a_run_is_queued_in_progress_and_completed_over_successive_reads(client: OpenAI):
    assistant = client.beta.assistants.create(model="gpt-4", instructions="Be brief.")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "unheard of"}])
    run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    seen = [run]
    for _ in range(3):
        seen.append(client.beta.threads.runs.retrieve(run.id, thread_id=thread.id))
        if seen[-1].status != "completed":
            assert texts(client, thread.id) == ["unheard of"]
    assert [run.status for run in seen] == ["queued", "in_progress", "completed", "completed"]
    assert seen[0].expires_at == run.created_at + 600
    assert seen[2].expires_at is None
    assert seen[2].usage.total_tokens == 0
    assert texts(client, thread.id) == [NO_REPLY, "unheard of"]
    reply = client.beta.threads.messages.list(thread.id).data[0]
    assert (reply.run_id, reply.assistant_id) == (run.id, assistant.id)
    assert texts(client, thread.id, run_id=run.id) == [NO_REPLY]
    assert [r.id for r in client.beta.threads.runs.list(thread.id)] == [run.id]


def test_a_recorded_question_gets_the_recorded_words_on_any_thread(client: OpenAI):
    assistant = client.beta.assistants.create(model="gpt-4")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Help with math"}])
    ids = {"thread_id": thread.id, "assistant_id": assistant.id}
    assert client.beta.threads.runs.create_and_poll(**ids).status == "completed"
    assert texts(client, thread.id)[0].startswith("Gladly.")


def test_polling_takes_milliseconds(client: OpenAI):
    """The SDK would wait a second between two reads if the header did not tell it otherwise."""
    assistant = client.beta.assistants.create(model="gpt-4")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    run = client.beta.threads.runs.with_raw_response.create(thread.id, assistant_id=assistant.id)
    assert int(run.headers["openai-poll-after-ms"]) < 10


def test_an_active_run_keeps_messages_and_runs_out_until_it_is_cancelled(client: OpenAI):
    assistant = client.beta.assistants.create(model="gpt-4")
    thread = client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    run = client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    with pytest.raises(BadRequestError) as error:
        client.beta.threads.messages.create(thread.id, role="user", content="x")
    message = f"Can't add messages to {thread.id} while a run {run.id} is active."
    assert error.value.body["message"] == message
    with pytest.raises(BadRequestError) as error:
        client.beta.threads.runs.create(thread.id, assistant_id=assistant.id)
    message = f"Thread {thread.id} already has an active run {run.id}."
    assert error.value.body["message"] == message
    assert client.beta.threads.runs.cancel(run.id, thread_id=thread.id).status == "cancelling"
    cancelled = client.beta.threads.runs.retrieve(run.id, thread_id=thread.id)
    assert cancelled.status == "cancelled"
    assert cancelled.cancelled_at
    with pytest.raises(BadRequestError, match="Cannot cancel run with status 'cancelled'"):
        client.beta.threads.runs.cancel(run.id, thread_id=thread.id)
    client.beta.threads.messages.create(thread.id, role="user", content="x")


def test_the_headers_are_the_apis(base_url: str):
    answer = httpx2.post(f"{base_url}/threads", headers=BETA)
    patterns = {
        "content-type": "application/json",
        "openai-version": "2020-10-01",
        "openai-organization": r"org-\w+",
        "openai-project": r"proj_\w+",
        "openai-processing-ms": r"\d+",
        "x-request-id": "req_[0-9a-f]{32}",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000; includeSubDomains; preload",
        "cf-cache-status": "DYNAMIC",
        "server": "cloudflare",
        "cf-ray": "[0-9a-f]{16}-[A-Z]{3}",
        "alt-svc": 'h3=":443"; ma=86400',
        "x-replay": "computed",
    }
    for name, pattern in patterns.items():
        assert re.fullmatch(pattern, answer.headers[name]), name
    refused = httpx2.post(f"{base_url}/threads", headers={"Authorization": "Bearer wrong"})
    assert refused.headers["www-authenticate"] == 'Bearer realm="OpenAI API"'
    assert "openai-organization" not in refused.headers
    assert refused.headers["x-request-id"].count("-") == 4


def test_computed_answers_are_the_same_bytes_on_every_fresh_key():
    bodies = []
    for _ in range(2):
        with serving(Replay(recordings.load())) as url:
            client = OpenAI(base_url=url, api_key="sk-twice")
            thread = client.beta.threads.create(metadata={"computed": "yes"})
            raw = client.beta.threads.messages.with_raw_response.create(
                thread.id, role="user", content="Hi"
            )
            bodies.append((raw.http_response.content, raw.headers["x-request-id"]))
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("path", ["chat/completions", "threads/runs", "assistants"])
def test_what_the_replay_lacks_says_so(base_url: str, path: str):
    method = httpx2.get if path == "assistants" else httpx2.post
    error = method(f"{base_url}/{path}", headers=BETA).json()["error"]
    assert error["type"] == "replay_error"
    assert error["code"] == "not_replayed"


def test_a_learners_own_message_stays_where_it_was_said(client: OpenAI):
    """Recorded times are older than his: state wins, and what he said first stays first."""
    client.beta.threads.create(metadata={"name": "trial-1"})  # a late recorded time
    turns = recordings.read(recordings.FOLDER / "02_set_roles_and_context.json")[1].body["messages"]
    thread = client.beta.threads.create(messages=turns)
    for text in ("MINE", "では夕焼けは？", "MINE TOO"):
        client.beta.threads.messages.create(thread.id, role="user", content=text)
    assert texts(client, thread.id, order="asc")[2:] == ["MINE", "では夕焼けは？", "MINE TOO"]


def test_a_deleted_id_does_not_come_back(client: OpenAI):
    question = [{"role": "user", "content": "My password is ... oh no"}]
    conversation = client.conversations.create(items=question)
    item = client.conversations.items.list(conversation.id).data[0]
    client.conversations.items.delete(item.id, conversation_id=conversation.id)
    again = client.conversations.items.create(conversation.id, items=question).data[0]
    assert again.id != item.id
    with pytest.raises(NotFoundError):
        client.conversations.items.retrieve(item.id, conversation_id=conversation.id)


def test_wrong_keys_leave_nothing_behind(replay: Replay, base_url: str):
    for n in range(5):
        headers = {"Authorization": f"Bearer wrong-{n}"}
        assert httpx2.get(f"{base_url}/threads/x", headers=headers).status_code == 401
    assert replay.projects == {}
