"""Messages of a thread: create, list, retrieve, modify, delete."""

from collections.abc import Iterable, Mapping

from .. import errors
from ..call import Call
from ..matching import first_match
from ..project import Thread
from . import files
from .shared import clear_or_merge_metadata, page


def create(call: Call, thread: Thread) -> dict:
    """POST /threads/{id}/messages.

    Raises errors.ApiError: 400 while a run of the thread is active [quoted].
    """
    if thread.active:
        raise errors.run_is_active(thread.body["id"], thread.active)
    check(call, [call.body])
    return add(call, thread, call.body, recorded=call.recorded)


def list_(call: Call, thread: Thread) -> dict:
    """GET /threads/{id}/messages: newest first, 20 a page, unless asked otherwise.

    Within one second, too, newest first is the reverse of creation [recorded].
    """
    run = call.query.get("run_id")
    keep = (lambda message: message["run_id"] == run) if run else None
    return page(call, "messages", thread.messages, keep)


def retrieve(call: Call, thread: Thread, message: dict) -> dict:
    """GET /threads/{id}/messages/{id}."""
    return message


def modify(call: Call, thread: Thread, message: dict) -> dict:
    """POST /threads/{id}/messages/{id}: new metadata, merged as a thread's.

    The answer shows `"file_ids": []` in place of `attachments` [recorded].
    """
    clear_or_merge_metadata(message, call.body)
    shown = {("file_ids" if name == "attachments" else name): message[name] for name in message}
    return shown | {"file_ids": []}


def delete(call: Call, thread: Thread, message: dict) -> dict:
    """DELETE /threads/{id}/messages/{id} [recorded]."""
    del thread.messages[message["id"]]
    return {"id": message["id"], "object": "thread.message.deleted", "deleted": True}


def check(call: Call, sent: Iterable[dict] | None, place: str = "") -> None:
    """Check the files of messages. place: where their list stands in the body; "" for a body that
    is one message. Raises errors.ApiError, see `files.check_ids`, `files.check_searched`."""
    named, searched = [], []
    for number, message in enumerate(sent or ()):
        at = f"{place}[{number}]." if place else ""
        for index, attached in enumerate(message.get("attachments") or ()):
            if (id := attached.get("file_id")) is not None:
                named.append((f"{at}attachments[{index}].file_id", id))
                if {"type": "file_search"} in (attached.get("tools") or ()):
                    searched.append(id)
        if isinstance(message["content"], str):
            continue
        for index, part in enumerate(message["content"]):
            if part["type"] == "image_file":
                named.append(
                    (f"{at}content[{index}].image_file.file_id", part["image_file"]["file_id"])
                )
    if named:
        files.check_ids(call, named)
        files.check_searched(call, searched)


def latest(thread: Thread) -> int:
    """When the newest message of a thread was made, in Unix seconds; 0 for none."""
    return next((message["created_at"] for message in reversed(thread.messages.values())), 0)


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
    if recorded is None:
        content = [_part(part) for part in _parts(sent["content"])]
        like = {"role": sent["role"], "run_id": run, "content": content}
        found = call.recordings.shown_later(thread.body["id"])
        recorded = first_match(like, found, call.project.used)
    id, created = call.id("msg", recorded), call.timestamp(recorded, not_before=latest(thread))
    message = shown(sent, id, created, thread.body["id"], assistant, run)
    thread.messages[id] = message
    return message


def shown(
    sent: Mapping,
    id: str,
    created: int,
    thread: str,
    assistant: str | None = None,
    run: str | None = None,
) -> dict:
    """A message as the API shows it. created: Unix seconds."""
    return {
        "id": id,
        "object": "thread.message",
        "created_at": created,
        "assistant_id": assistant,
        "thread_id": thread,
        "run_id": run,
        "role": sent["role"],
        "content": [_part(part) for part in _parts(sent["content"])],
        "attachments": list(sent.get("attachments") or ()),
        "metadata": dict(sent.get("metadata") or {}),
    }


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
