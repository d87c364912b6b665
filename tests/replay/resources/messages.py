"""Messages of a thread: create, list, retrieve, modify, delete."""

from collections.abc import Mapping

from .. import errors
from ..call import Call
from ..matching import first_match
from ..parameters import check
from ..project import Thread
from ..sdk_types import sdk_type
from .shared import clear_or_merge_metadata, page


def create(call: Call, thread_id: str) -> dict:
    """POST /threads/{thread_id}/messages.

    Raises errors.ApiError: 400 while a run of the thread is active [quoted].
    """
    thread = call.project.threads.find(thread_id)
    check(sdk_type("beta.threads.message_create_params", "MessageCreateParams"), call.body)
    if thread.active:
        raise errors.run_is_active(thread.body["id"], thread.active)
    return add(call, thread, call.body, recorded=call.recorded)


def list_(call: Call, thread_id: str) -> dict:
    """GET /threads/{thread_id}/messages: newest first, 20 a page, unless asked otherwise.

    Within one second, too, newest first is the reverse of creation [recorded].
    """
    thread = call.project.threads.find(thread_id)
    run = call.query.get("run_id")
    keep = (lambda message: message["run_id"] == run) if run else None
    return page(call, thread.messages, keep=keep)


def retrieve(call: Call, thread_id: str, message_id: str) -> dict:
    """GET /threads/{thread_id}/messages/{message_id}."""
    return call.project.threads.find(thread_id).messages.find(message_id)


def modify(call: Call, thread_id: str, message_id: str) -> dict:
    """POST /threads/{thread_id}/messages/{message_id}: new metadata, merged as a thread's.

    The answer shows `"file_ids": []` in place of `attachments` [recorded].
    """
    message = call.project.threads.find(thread_id).messages.find(message_id)
    kind = sdk_type("beta.threads.message_update_params", "MessageUpdateParams")
    check(kind, call.body, without=("thread_id",))
    clear_or_merge_metadata(message, call.body)
    return {
        "file_ids" if name == "attachments" else name: [] if name == "attachments" else value
        for name, value in message.items()
    }


def delete(call: Call, thread_id: str, message_id: str) -> dict:
    """DELETE /threads/{thread_id}/messages/{message_id} [recorded]."""
    call.project.threads.find(thread_id).messages.remove(message_id)
    return {"id": message_id, "object": "thread.message.deleted", "deleted": True}


def add(
    call: Call,
    thread: Thread,
    sent: Mapping,
    *,
    assistant: str | None = None,
    run: str | None = None,
    recorded: dict | None = None,
) -> dict:
    """Put a message into a thread. Hand-made ones have no assistant and no run [recorded].

    recorded: the answer that shows this message; without one, the message is looked for
    among those that a recording shows later.
    """
    content = [_part(part) for part in _parts(sent["content"])]
    if recorded is None:
        like = {"role": sent["role"], "run_id": run, "content": content}
        shown = call.project.recordings.shown_later(thread.body["id"])
        recorded = first_match(like, shown, call.project.given)
    message = {
        "id": call.id("msg", recorded),
        "object": "thread.message",
        "created_at": call.timestamp(recorded, not_before=thread.messages.latest),
        "assistant_id": assistant,
        "thread_id": thread.body["id"],
        "run_id": run,
        "role": sent["role"],
        "content": content,
        "attachments": list(sent.get("attachments") or ()),
        "metadata": dict(sent.get("metadata") or {}),
    }
    thread.messages.add(message["id"], message, message["created_at"])
    return message


def in_stream(message: dict, status: str, completed: int | None) -> dict:
    """A message as a stream shows it: with its status [recorded]."""
    state = {
        "status": status,
        "incomplete_details": None,
        "incomplete_at": None,
        "completed_at": completed,
    }
    names = list(message)
    after = names.index("run_id") + 1
    shown = {name: message[name] for name in names[:after]} | state
    return shown | {name: message[name] for name in names[after:]}


def _parts(content: str | list) -> list:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _part(part: dict) -> dict:
    """A part as the API shows it: texts with annotations, images with a detail [recorded]."""
    if part["type"] == "text":
        return {"type": "text", "text": {"value": part["text"], "annotations": []}}
    kind = part["type"]
    shown = part[kind]
    named = {name: value for name, value in shown.items() if name != "detail"}
    return {"type": kind, kind: named | {"detail": shown.get("detail", "auto")}}
