"""Messages of a thread: create, list, retrieve, modify, delete."""

from collections.abc import Mapping

from . import errors, threads
from .parameters import check
from .project import Call, Thread
from .recordings import first_like


def create(call: Call) -> dict:
    """POST /threads/{thread_id}/messages.

    Raises errors.ApiError: 400 while a run of the thread is active [quoted].
    """
    from openai.types.beta.threads import MessageCreateParams

    thread = threads.find(call.project, call.ids[0])
    check(MessageCreateParams, call.body)
    if thread.active:
        raise errors.run_is_active(thread.body["id"], thread.active)
    return add(call, thread, call.body, made_up=call.made_up)


def list_(call: Call) -> dict:
    """GET /threads/{thread_id}/messages: newest first, 20 a page, unless asked otherwise.

    Messages of the same second keep their order of arrival [recorded].
    """
    thread = threads.find(call.project, call.ids[0])
    run = call.query.get("run_id")
    keep = (lambda message: message["run_id"] == run) if run else None
    return page(call, thread.messages, "message", keep)


def retrieve(call: Call) -> dict:
    """GET /threads/{thread_id}/messages/{message_id}."""
    return threads.find_child(call, "message", "msg")[1]


def modify(call: Call) -> dict:
    """POST /threads/{thread_id}/messages/{message_id}: new metadata, merged as a thread's.

    The answer shows `"file_ids": []` in place of `attachments` [recorded].
    """
    from openai.types.beta.threads import MessageUpdateParams

    _, message = threads.find_child(call, "message", "msg")
    check(MessageUpdateParams, call.body, without=("thread_id",))
    threads.clear_or_merge_metadata(message, call.body)
    return {
        "file_ids" if name == "attachments" else name: [] if name == "attachments" else value
        for name, value in message.items()
    }


def delete(call: Call) -> dict:
    """DELETE /threads/{thread_id}/messages/{message_id} [documented]."""
    thread, message = threads.find_child(call, "message", "msg")
    thread.messages.remove(message["id"])
    return {"id": message["id"], "object": "thread.message.deleted", "deleted": True}


def add(
    call: Call,
    thread: Thread,
    sent: Mapping,
    *,
    assistant: str | None = None,
    run: str | None = None,
    made_up: dict | None = None,
) -> dict:
    """Put a message into a thread. Hand-made ones have no assistant and no run [recorded].

    made_up: the recorded answer that shows this message; without one, the message is looked for
    among those that a recording shows later.
    """
    taken = thread.messages.seen
    content = [_part(part) for part in _parts(sent["content"])]
    if made_up is None:
        shown = call.project.recordings.children(thread.body["id"])
        made_up = first_like(
            {"role": sent["role"], "run_id": run, "content": content}, shown, taken
        )
    message = {
        "id": call.id("msg", taken, made_up),
        "object": "thread.message",
        "created_at": call.time(made_up, not_before=thread.messages.latest),
        "assistant_id": assistant,
        "thread_id": thread.body["id"],
        "run_id": run,
        "role": sent["role"],
        "content": content,
        "attachments": list(sent.get("attachments") or ()),
        "metadata": dict(sent.get("metadata") or {}),
    }
    thread.messages.add(message["id"], message["created_at"], message)
    return message


def page(call: Call, listing, what: str, keep=None) -> dict:
    """One page of a list, as the Assistants API has it; both ids are null when empty [recorded]."""
    data, more = listing.page(call.query, lambda id: errors.not_found(what, id), keep)
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
        "has_more": more,
    }


def _parts(content: str | list) -> list:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _part(part: dict) -> dict:
    """A part of the content as the API shows it: text with its annotations [recorded]."""
    if part["type"] == "text":
        return {"type": "text", "text": {"value": part["text"], "annotations": []}}
    kind = part["type"]
    return {"type": kind, kind: {"detail": "auto"} | part[kind]}
