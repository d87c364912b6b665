"""Threads: create, retrieve, modify, delete. There is no call that lists them [documented]."""

from . import errors, ids, messages
from .parameters import check
from .project import Call, Project, Thread


def create(call: Call) -> dict:
    """POST /threads: a thread, with its first messages if any are sent.

    Messages are stored but never echoed; `tool_resources` is `{}` unless sent [recorded]. No body
    at all is taken as an empty one [recorded].
    """
    from openai.types.beta import ThreadCreateParams

    check(ThreadCreateParams, call.body)
    body = {
        "id": call.id("thread", call.project.threads),
        "object": "thread",
        "created_at": call.time(),
        "metadata": dict(call.body.get("metadata") or {}),
        "tool_resources": tool_resources(call, call.body.get("tool_resources")),
    }
    thread = call.project.threads[body["id"]] = Thread(body)
    for message in call.body.get("messages", ()):
        messages.add(call, thread, message)
    return body


def retrieve(call: Call) -> dict:
    """GET /threads/{thread_id}: the thread, without its messages [recorded].

    A thread without tool resources shows an empty `code_interpreter` here, and only here [recorded,
    article: `{0xc000098120 <nil>}`].
    """
    body = find(call.project, call.ids[0]).body
    return body | {
        "tool_resources": body["tool_resources"] or {"code_interpreter": {"file_ids": []}}
    }


def modify(call: Call) -> dict:
    """POST /threads/{thread_id}: new metadata, new tool resources; nothing else can be modified.

    Metadata is merged: a key that is not sent stays [reported]. `{}` clears all of it [article;
    users report that keys can't be removed: conflict]. Tool resources that the thread has are
    shown; without any they are `{}` [recorded].
    """
    from openai.types.beta import ThreadUpdateParams

    thread = find(call.project, call.ids[0])
    check(ThreadUpdateParams, call.body)
    clear_or_merge_metadata(thread.body, call.body)
    if call.body.get("tool_resources") is not None:
        thread.body["tool_resources"] = tool_resources(call, call.body["tool_resources"])
    return thread.body


def delete(call: Call) -> dict:
    """DELETE /threads/{thread_id} [recorded, article]; then every call on it is a 404 [quoted]."""
    thread = find(call.project, call.ids[0])
    del call.project.threads[thread.body["id"]]
    return {"id": thread.body["id"], "object": "thread.deleted", "deleted": True}


def find(project: Project, id: str) -> Thread:
    """The thread of that id.

    Raises errors.ApiError: 400 for an id of another kind, 404 for an unknown or deleted thread
    [quoted].
    """
    if not id.startswith("thread"):
        raise errors.bad_id("thread_id", id, "thread")
    if id not in project.threads:
        raise errors.not_found("thread", id)
    return project.threads[id]


def find_child(call: Call, kind: str, prefix: str) -> tuple[Thread, dict]:
    """The thread of a path, and its `message` or `run` that the path names, as `find` does."""
    thread = find(call.project, call.ids[0])
    id, children = call.ids[1], getattr(thread, f"{kind}s").objects
    if not id.startswith(prefix):
        raise errors.bad_id(f"{kind}_id", id, prefix)
    if id not in children:
        raise errors.not_found(kind, id)
    return thread, children[id]


def clear_or_merge_metadata(body: dict, sent: dict) -> None:
    """As `merge_metadata`, but `{}` clears: so the Assistants API's objects [article; conflict]."""
    if sent.get("metadata") == {}:
        body["metadata"] = {}
    merge_metadata(body, sent)


def merge_metadata(body: dict, sent: dict) -> None:
    """Merge the metadata that was sent into an object's [reported, for both APIs].

    Raises errors.ApiError (400) when the result has more than 16 pairs [house].
    """
    merged = body["metadata"] | (sent.get("metadata") or {})
    if len(merged) > 16:
        raise errors.too_many_properties("metadata", 16, len(merged))
    body["metadata"] = merged


def tool_resources(call: Call, sent: dict | None) -> dict:
    """The resources as the API echoes them: the parts that were sent [recorded].

    `vector_stores` asks for a new store: it comes back as the id of one [documented].
    """
    sent = sent or {}
    echo = {}
    if "code_interpreter" in sent:
        echo["code_interpreter"] = {"file_ids": list(sent["code_interpreter"].get("file_ids", ()))}
    if "file_search" in sent:
        stores = list(sent["file_search"].get("vector_store_ids", ()))
        for _ in sent["file_search"].get("vector_stores", ()):
            stores.append(f"vs_{ids.hexes('vs', call.project.next_serial(), 32)}")
        echo["file_search"] = {"vector_store_ids": stores}
    return echo
