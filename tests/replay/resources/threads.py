"""Threads: create, retrieve, modify, delete. There is no call that lists them [documented]."""

from ..call import Call
from ..project import Thread
from . import messages, vector_stores
from .shared import clear_or_merge_metadata

STORE_DAYS = 7  # until a vector store that was made with a thread expires, unused [recorded]


def create(call: Call) -> dict:
    """POST /threads: a thread, with its first messages if any are sent.

    Messages are stored but never echoed; `tool_resources` is `{}` unless sent [recorded]. No body
    at all is taken as an empty one [recorded].
    """
    check(call, call.body)
    return add(call, call.body, call.recorded).body


def check(call: Call, sent: dict, place: str = "") -> None:
    """Check the files and vector stores of a new thread and its messages. place: what stands in
    front of a field's name. Raises errors.ApiError."""
    messages.check(call, sent.get("messages"), f"{place}messages")
    vector_stores.check_resources(call, sent.get("tool_resources"), f"{place}tool_resources")


def add(call: Call, sent: dict, recorded: dict) -> Thread:
    """Make a thread that was checked. recorded: the thread that an answer shows."""
    id, created = call.id("thread", recorded), call.timestamp(recorded)
    resources = vector_stores.resources(call, sent.get("tool_resources"), STORE_DAYS)
    thread = call.project.threads[id] = Thread(shown(sent, id, created, resources))
    for message in sent.get("messages", ()):
        messages.add(call, thread, message)
    return thread


def shown(sent: dict, id: str, created: int, resources: dict) -> dict:
    """A thread as the API shows it. created: Unix seconds."""
    return {
        "id": id,
        "object": "thread",
        "created_at": created,
        "metadata": dict(sent.get("metadata") or {}),
        "tool_resources": resources,
    }


def retrieve(call: Call, thread: Thread) -> dict:
    """GET /threads/{id}: the thread, without its messages [recorded].

    A thread without tool resources shows an empty `code_interpreter` here, and only here [recorded,
    article: `{0xc000098120 <nil>}`].
    """
    resources = thread.body["tool_resources"] or {"code_interpreter": {"file_ids": []}}
    return thread.body | {"tool_resources": resources}


def modify(call: Call, thread: Thread) -> dict:
    """POST /threads/{id}: new metadata, new tool resources; nothing else can be modified.

    Metadata is merged: a key that is not sent stays [reported]. `{}` clears all of it [article;
    users report that keys can't be removed: disputed]. Tool resources that the thread has are
    shown; without any they are `{}` [recorded].
    """
    sent = call.body.get("tool_resources")
    vector_stores.check_resources(call, sent)
    clear_or_merge_metadata(thread.body, call.body)
    if sent is not None:
        thread.body["tool_resources"] = vector_stores.resources(call, sent, STORE_DAYS)
    return thread.body


def delete(call: Call, thread: Thread) -> dict:
    """DELETE /threads/{id} [recorded, article]; then every call on it is a 404 [quoted]."""
    id = thread.body["id"]
    del call.project.threads[id]
    return {"id": id, "object": "thread.deleted", "deleted": True}
