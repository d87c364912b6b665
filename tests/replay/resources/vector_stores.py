"""Vector stores, their files and batches of files; and the tool resources that name both.

State, and no understanding: nothing in a file is read, so nothing is searched. What is added is
`in_progress`, and `completed` when the store, or something in it, is read next. Reads move it, not
the clock, as they move a run. No beta header is needed [recorded].
"""

from collections.abc import Iterable

from .. import errors, ids
from ..call import Call
from ..collection import check_id
from ..project import STATUSES, Batch, Project, VectorStore, count
from . import files
from .shared import clear_or_merge_metadata, page

DAY = 86_400  # seconds
CHUNKS = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}  # of `auto` [recorded]
SEARCH = "file_search"


def create(call: Call) -> dict:
    """POST /vector_stores [recorded: its fields and their order]."""
    _check(call, call.body)
    return _made(call, call.body, call.recorded).body


def list_(call: Call) -> dict:
    """GET /vector_stores: newest first, 20 a page, unless asked otherwise [recorded]."""
    return page(call, "vector_stores", call.project.vector_stores)


def retrieve(call: Call, store: VectorStore) -> dict:
    """GET /vector_stores/{id}."""
    store.settle()
    return store.body


def modify(call: Call, store: VectorStore) -> dict:
    """POST /vector_stores/{id}: name, metadata as a thread's [inferred], `expires_after`."""
    sent = call.body
    clear_or_merge_metadata(store.body, sent)
    store.body |= {name: sent[name] for name in ("name", "expires_after") if name in sent}
    _set_expiry(store.body)
    return store.body


def delete(call: Call, store: VectorStore) -> dict:
    """DELETE /vector_stores/{id} [recorded]. Its files stay [documented]; assistants search it no
    more [recorded: what the cookbook's overview of Assistants shows afterwards]."""
    id = store.body["id"]
    del call.project.vector_stores[id]
    for assistant in call.project.assistants.values():
        resources = assistant["tool_resources"]
        searched = (resources.get("file_search") or {}).get("vector_store_ids") or ()
        if id in searched:
            rest = {"vector_store_ids": [other for other in searched if other != id]}
            assistant["tool_resources"] = resources | {"file_search": rest}
    return {"id": id, "object": "vector_store.deleted", "deleted": True}


def add_file(call: Call, store: VectorStore) -> dict:
    """POST /vector_stores/{id}/files [recorded]."""
    _check(call, call.body, store, named=[("file_id", call.body["file_id"])])
    (file,) = _add(call.project, store, [call.body], call.timestamp())
    return file


def list_files(call: Call, store: VectorStore) -> dict:
    """GET /vector_stores/{id}/files: newest first [recorded]; of one status only, with `filter`."""
    store.settle()
    return _page(call, store.files)


def retrieve_file(call: Call, store: VectorStore, id: str) -> dict:
    """GET /vector_stores/{id}/files/{id} [recorded]."""
    store.settle()
    return _file(store, id)


def delete_file(call: Call, store: VectorStore, id: str) -> dict:
    """DELETE /vector_stores/{id}/files/{id} [recorded]. The file itself stays [documented]."""
    _file(store, id)
    store.remove(id)
    return {"id": id, "object": "vector_store.file.deleted", "deleted": True}


def create_batch(call: Call, store: VectorStore) -> dict:
    """POST /vector_stores/{id}/file_batches: some files at once [recorded]. What the API says to
    both lists of files is unknown."""
    sent = call.body
    if "file_ids" in sent and "files" in sent:
        raise errors.not_replayed("two lists of files", "files")
    if "files" in sent:
        each = list(sent["files"])
        places = [f"files[{number}].file_id" for number in range(len(each))]
    else:
        each = [sent | {"file_id": id} for id in sent["file_ids"]]
        places = [f"file_ids[{number}]" for number in range(len(each))]
    named = list(zip(places, (one["file_id"] for one in each), strict=True))
    _check(call, sent, store, named=named)
    for number, one in enumerate(sent.get("files") or ()):
        _check_chunks(one, f"files[{number}].")
    time = call.timestamp()
    body = {
        "id": call.id("vsfb_ibj", mint=lambda serial: ids.batch(time, serial)),
        "object": "vector_store.file_batch",
        "created_at": time,
        "status": "in_progress",
        "vector_store_id": store.body["id"],
    }
    batch = Batch(body, {file["id"]: file for file in _add(call.project, store, each, time)})
    count(batch)
    store.file_batches[body["id"]] = batch
    return body


def retrieve_batch(call: Call, store: VectorStore, batch: Batch) -> dict:
    """GET /vector_stores/{id}/file_batches/{id}: the batch [documented]. From Nov 2025 to May 2026
    the API gave the vector store in its place [quoted, four]; in Aug 2026 a maintainer of its SDK
    said that this was mended [disputed]."""
    store.settle()
    return batch.body


def list_batch(call: Call, store: VectorStore, batch: Batch) -> dict:
    """GET /vector_stores/{id}/file_batches/{id}/files: in the order of their ids, be it `asc` or
    `desc`, as they are all of one second [recorded]."""
    store.settle()
    newest_last = sorted(batch.files, reverse=call.query.get("order") != "asc")
    return _page(call, {id: batch.files[id] for id in newest_last})


# Tool resources: of assistants, threads and runs.


def check_resources(call: Call, sent: dict | None, place: str = "tool_resources") -> None:
    """Check the files and vector stores of tool resources. place: where they stand in the body.

    Raises errors.ApiError: as `files.check_ids` [reported: threads; inferred: code interpreters,
    assistants]; 400 and 404 for vector stores [reported; which call said so: inferred].
    """
    if call.live or not sent:
        return
    interpreter, search = (sent.get(name) or {} for name in ("code_interpreter", SEARCH))
    named = _named(f"{place}.code_interpreter.file_ids", interpreter.get("file_ids"))
    files.check_ids(call, named)
    for at, id in _named(f"{place}.{SEARCH}.vector_store_ids", search.get("vector_store_ids")):
        check_id(id, at, errors.KINDS["vector_stores"].prefix)
        if id not in call.project.vector_stores:
            raise errors.not_found("vector_stores", id)
    for number, store in enumerate(search.get("vector_stores") or ()):
        _check(call, store, place=f"{place}.{SEARCH}.vector_stores[{number}].")


def resources(call: Call, sent: dict | None, days: int | None = None) -> dict:
    """The resources as the API echoes them: the parts that were sent [recorded].

    `vector_stores` asks for a new store: it comes back as the id of one [recorded]. days: until it
    expires, unused: 7 for a thread's, none for an assistant's [recorded; which is whose: inferred].
    """
    sent = sent or {}
    echo = {}
    if "code_interpreter" in sent:
        echo["code_interpreter"] = {"file_ids": list(sent["code_interpreter"].get("file_ids", ()))}
    if SEARCH in sent:
        stores = list(sent[SEARCH].get("vector_store_ids", ()))
        policy = {"anchor": "last_active_at", "days": days} if days else None
        for new in sent[SEARCH].get("vector_stores", ()):
            stores.append(_made(call, new | {"expires_after": policy}, {}).body["id"])
        echo[SEARCH] = {"vector_store_ids": stores}
    return echo


def check_tools(call: Call, tools: Iterable[dict]) -> None:
    """Check the vector stores and files that a response's tools name.

    Raises errors.ApiError: 404 for stores that are not there [quoted; the status: reported]; as
    `files.check_ids` for a container's files [inferred].
    """
    for number, tool in enumerate(tools):
        place, missing = f"tools[{number}]", []
        for at, id in _named(f"{place}.vector_store_ids", tool.get("vector_store_ids")):
            check_id(id, at, errors.KINDS["vector_stores"].prefix)
            missing += [] if id in call.project.vector_stores else [id]
        if missing:
            raise errors.stores_not_found(missing)
        container = tool.get("container")
        given = container.get("file_ids") if isinstance(container, dict) else ()
        files.check_ids(call, _named(f"{place}.container.file_ids", given))


# What they share.


def _check(
    call: Call,
    sent: dict,
    store: VectorStore | None = None,
    named: Iterable[tuple[str, str]] = (),
    place: str = "",
) -> None:
    """Check the files that a store is to have, and how they are to be cut.

    store: what has some already. named: ids, each behind its place; by default those of `file_ids`.
    place: what stands in front of a field's name. Raises errors.ApiError.
    """
    named = list(named) or _named(f"{place}file_ids", sent.get("file_ids"))
    files.check_ids(call, named)
    given = [id for _, id in named]
    files.check_searched(call, given)
    if len(set(given)) < len(given) or (store and not store.files.keys().isdisjoint(given)):
        raise errors.not_replayed("file twice", named[0][0])
    _check_chunks(sent, place)


def _check_chunks(sent: dict, place: str) -> None:
    """Chunks overlap by half at most [documented]; what the API says to more is unknown."""
    cut = (sent.get("chunking_strategy") or {}).get("static") or CHUNKS
    if cut["chunk_overlap_tokens"] * 2 > cut["max_chunk_size_tokens"]:
        param = f"{place}chunking_strategy.static.chunk_overlap_tokens"
        raise errors.not_replayed("overlap", param)


def _made(call: Call, sent: dict, recorded: dict) -> VectorStore:
    """A new vector store, with its files. recorded: the one that an answer shows."""
    time = call.timestamp(recorded)
    id = call.id("vs", recorded, lambda serial: ids.timed("vs", time, serial))
    return put(call.project, sent, id, time, call.timestamp())


def put(project: Project, sent: dict, id: str, created: int, added: int) -> VectorStore:
    """Put a vector store, with its files, into a project. created, added: Unix seconds."""
    body = {
        "id": id,
        "object": "vector_store",
        "created_at": created,
        "name": sent.get("name"),
        "description": sent.get("description"),
        "usage_bytes": 0,
        "file_counts": {},
        "status": "completed",
        "expires_after": sent.get("expires_after"),
        "expires_at": None,
        "last_active_at": created,
        "metadata": dict(sent.get("metadata") or {}),
    }
    _set_expiry(body)
    store = VectorStore(body)
    project.vector_stores[id] = store
    _add(project, store, [sent | {"file_id": file} for file in sent.get("file_ids", ())], added)
    return store


def _set_expiry(body: dict) -> None:
    """When a store would expire, unused [recorded]. Nothing expires here."""
    policy = body["expires_after"]
    body["expires_at"] = body["last_active_at"] + policy["days"] * DAY if policy else None


def _add(project: Project, store: VectorStore, sent: Iterable[dict], time: int) -> list[dict]:
    """Put files into a store, in progress [recorded: how they are shown].

    sent: of each its `file_id`, attributes and chunking strategy. time: Unix seconds.
    """
    added = []
    for one in sent:
        cut = (one.get("chunking_strategy") or {}).get("static") or CHUNKS
        file = {
            "id": one["file_id"],
            "object": "vector_store.file",
            "usage_bytes": 0,
            "created_at": time,
            "vector_store_id": store.body["id"],
            "status": "in_progress",
            "last_error": None,
            "chunking_strategy": {"type": "static", "static": {name: cut[name] for name in CHUNKS}},
            "attributes": dict(one.get("attributes") or {}),
        }
        added.append(file)
        store.files[file["id"]] = file
        known = project.files.get(file["id"])
        store.waiting[file["id"]] = len(known.content) if known else 0
    count(store)
    return added


def _file(store: VectorStore, id: str) -> dict:
    """A store's file. Raises errors.ApiError: 404 [quoted]."""
    check_id(id, "file_id", "file")
    if id not in store.files:
        raise errors.not_in_store(id, store.body["id"])
    return store.files[id]


def _page(call: Call, found: dict[str, dict]) -> dict:
    status = call.query.get("filter")
    if status is not None and status not in STATUSES:
        raise errors.unsupported(status, STATUSES, "filter")
    keep = (lambda file: file["status"] == status) if status else None
    return page(call, "files", found, keep)


def _named(place: str, given: Iterable[str] | None) -> list[tuple[str, str]]:
    """Ids of a list, each behind its place in the body."""
    return [(f"{place}[{number}]", id) for number, id in enumerate(given or ())]
