"""Threads, messages and runs through the SDK: state, lists, the life of a run."""

import pytest
from openai import BadRequestError, NotFoundError, OpenAI

from .help import texts
from .replay import recordings
from .replay.replies import NO_REPLY


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


def test_tool_resources_are_empty_on_create_and_not_on_retrieve(client: OpenAI):
    thread = client.beta.threads.create()
    assert thread.to_dict()["tool_resources"] == {}
    assert client.beta.threads.retrieve(thread.id).to_dict()["tool_resources"] == {
        "code_interpreter": {"file_ids": []}
    }
    sent = {"file_search": {"vector_store_ids": [client.vector_stores.create().id]}}
    modified = client.beta.threads.update(thread.id, tool_resources=sent)
    assert modified.to_dict()["tool_resources"] == sent


def test_metadata_is_merged_and_an_empty_object_clears_a_threads(client: OpenAI):
    thread = client.beta.threads.create(metadata={"a": "1", "b": "2"})
    update = client.beta.threads.update
    assert update(thread.id, metadata={"b": "", "c": "3"}).metadata == {"a": "1", "b": "", "c": "3"}
    assert update(thread.id, metadata={}).metadata == {}


def test_newest_first_is_the_reverse_of_creation_within_one_second_too(client: OpenAI):
    roles = ("user", "assistant", "user")
    thread = client.beta.threads.create(
        messages=[{"role": role, "content": f"{n}"} for n, role in enumerate(roles)]
    )
    client.beta.threads.messages.create(thread.id, role="user", content="later")
    assert texts(client, thread.id, order="asc") == ["0", "1", "2", "later"]
    assert texts(client, thread.id) == ["later", "2", "1", "0"]
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


def test_a_learners_own_message_stays_where_it_was_said(client: OpenAI):
    """Recorded times are older than his: state wins, and what he said first stays first."""
    client.beta.threads.create(metadata={"name": "trial-1"})  # a late recorded time
    turns = recordings.read(recordings.FOLDER / "02_set_roles_and_context.json")[1].request_body[
        "messages"
    ]
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
