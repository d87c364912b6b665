"""Files and vector stores: uploads, state, ids, and what is refused of them."""

import asyncio
import json
import random
import re
import tracemalloc

import httpx2
import pytest
from openai import APIStatusError, AsyncOpenAI, NotFoundError, OpenAI

from .help import answered
from .replay import api, multipart
from .replay.api import BODY_LIMIT, UPLOAD_LIMIT, Replay
from .replay.exchange import Answer, Request
from .replay.server import serving
from .test_live import SESSION, live, upstream  # noqa: F401

FORM = "multipart/form-data; boundary=bnd"
KEY = "sk-test"


def ask(
    replay: Replay, method: str, path: str, body: object = None, kind: str = "", key: str = KEY
) -> Answer:
    return answered(replay, method, f"/v1/{path}", key, body, kind)


def got(answer: Answer) -> dict:
    assert answer.status == 200, answer.content
    return json.loads(answer.content)


def part(disposition: str, content: bytes = b"x") -> bytes:
    head = f"--bnd\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
    return head + content + b"\r\n"


def form(name: str = "a.txt", content: bytes = b"x", purpose: str = "user_data") -> bytes:
    file = part(f'name="file"; filename="{name}"', content)
    return part('name="purpose"', purpose.encode()) + file + b"--bnd--\r\n"


def upload(replay: Replay, *sent, key: str = KEY) -> Answer:
    return ask(replay, "POST", "files", form(*sent), FORM, key)


# What captures show


def test_bodies_are_as_long_as_captured(replay: Replay):
    """In openai-dotnet's, of Sep 2025 and May 2026. Those of files end with a line."""
    file = got(upload(replay, "test-file-delete-me.txt", b"x" * 50, "assistants"))
    assert list(file) == (
        "object id purpose filename bytes created_at expires_at status status_details".split()
    )
    store = ask(replay, "POST", "vector_stores", {})
    place = f"vector_stores/{got(store)['id']}"
    ids = [got(upload(replay, "a.txt", b"x" * 21))["id"] for _ in range(5)]
    lengths = [
        (ask(replay, "GET", f"files/{file['id']}"), 246),
        (upload(replay, "你好.txt", b"x" * 21, "assistants"), 233),
        (ask(replay, "GET", "files/fake_id"), 141),
        (upload(replay, "a.txt", b"x", "world_domination"), 399),
        (store, 404),
        (ask(replay, "POST", f"{place}/files", {"file_id": file["id"]}), 395),
        # Its id did not begin with vsfb_ibj_ yet.
        (ask(replay, "POST", f"{place}/file_batches", {"file_ids": ids}), 323 + len("ibj_")),
        (ask(replay, "DELETE", f"files/{file['id']}"), 81),
    ]
    for answer, length in lengths:
        assert len(answer.content) == length, answer.content


def test_ids_are_of_the_captured_form(replay: Replay):
    for _ in range(50):
        file = got(upload(replay))["id"]
        store = got(ask(replay, "POST", "vector_stores", {"file_ids": [file]}))["id"]
        more = {"file_ids": [got(upload(replay))["id"]]}
        batch = got(ask(replay, "POST", f"vector_stores/{store}/file_batches", more))["id"]
        assert re.fullmatch("file-[1-9A-HJ-NP-Y][1-9A-HJ-NP-Za-km-z]{21}", file)
        assert re.fullmatch("vs_[0-9a-f]{12}81[9a][0-9a-f][89ab][0-9a-f]{15}", store)
        assert re.fullmatch("vsfb_ibj_[0-9a-f]{12}81f4[89ab][0-9a-f]{15}", batch)


def test_no_other_origin_may_read_a_file(replay: Replay):
    """The API lets all in; what a loopback server has is for this machine."""
    headers = ask(replay, "GET", "files").headers
    assert not [name for name in headers if name.lower().startswith("access-control-allow")]
    assert headers["access-control-expose-headers"] == "CF-Ray"


# The SDK


def test_a_file_from_upload_to_delete(client: OpenAI, tmp_path):
    path = tmp_path / "你好.png"
    path.write_bytes(b"\x89PNG\r\n--\r\n\0")
    with path.open("rb") as opened:
        file = client.files.create(file=opened, purpose="vision")
    assert (file.filename, file.bytes, file.status) == ("你好.png", 11, "processed")
    assert client.files.wait_for_processing(file.id, poll_interval=0).to_dict() == file.to_dict()
    answer = client.files.content(file.id)
    assert answer.read() == path.read_bytes()
    assert answer.response.headers["content-type"] == "application/octet-stream"
    named = "attachment; filename*=UTF-8''%E4%BD%A0%E5%A5%BD.png"
    assert answer.response.headers["content-disposition"] == named
    assert client.files.delete(file.id).deleted
    for call in (client.files.retrieve, client.files.delete, client.files.content):
        with pytest.raises(NotFoundError, match=f"No such File object: {file.id}"):
            call(file.id)


def test_files_are_listed_in_pages_newest_first(client: OpenAI):
    made = [
        client.files.create(file=(f"{n}.txt", b"x"), purpose=purpose).id
        for n, purpose in enumerate(["assistants", "user_data"] * 12)
    ]
    whole = client.files.with_raw_response.list().http_response.json()
    assert list(whole) == ["object", "data", "has_more", "first_id", "last_id"]
    assert [file["id"] for file in whole["data"]] == made[::-1]
    assert [file.id for file in client.files.list(limit=9)] == made[::-1]
    assert [file.id for file in client.files.list(limit=9, order="asc")] == made
    assert client.files.list(limit=1, extra_query={"before": made[5]}).data[0].id == made[-1]
    assert [file.id for file in client.files.list(purpose="user_data")] == made[::-2]


def test_a_file_shows_when_it_expires(client: OpenAI):
    policy = {"anchor": "created_at", "seconds": 3600}
    file = client.files.create(file=("a.md", b"x"), purpose="assistants", expires_after=policy)
    assert file.expires_at == file.created_at + 3600


def test_a_vector_store_takes_files_and_they_complete_when_they_are_read(client: OpenAI):
    file = client.files.create(file=("a.txt", b"x" * 21), purpose="assistants")
    policy = {"anchor": "last_active_at", "days": 3}
    store = client.vector_stores.create(name="s", file_ids=[file.id], expires_after=policy)
    assert (store.status, store.file_counts.in_progress, store.usage_bytes) == ("in_progress", 1, 0)
    assert store.expires_at == store.created_at + 3 * 86_400
    read = client.vector_stores.retrieve(store.id)
    assert (read.status, read.file_counts.completed, read.usage_bytes) == ("completed", 1, 21)
    files = client.vector_stores.files
    cut = {"max_chunk_size_tokens": 1200, "chunk_overlap_tokens": 250}
    later = client.files.create(file=("c.md", b"z"), purpose="assistants")
    assert files.create(store.id, file_id=later.id).status == "in_progress"
    assert [one.status for one in files.list(store.id)] == ["completed"] * 2
    files.delete(later.id, vector_store_id=store.id)
    files.create(store.id, file_id=later.id)
    assert files.retrieve(later.id, vector_store_id=store.id).status == "completed"
    files.delete(later.id, vector_store_id=store.id)
    more = files.upload_and_poll(
        vector_store_id=store.id,
        file=("b.md", b"y"),
        attributes={"page": 1},
        chunking_strategy={"type": "static", "static": cut},
    )
    assert (more.status, more.attributes) == ("completed", {"page": 1})
    assert more.chunking_strategy.static.to_dict() == cut
    assert [one.id for one in files.list(store.id)] == [more.id, file.id]
    assert [one.id for one in files.list(store.id, filter="in_progress")] == []
    assert files.delete(file.id, vector_store_id=store.id).deleted
    with pytest.raises(NotFoundError) as error:
        files.retrieve(file.id, vector_store_id=store.id)
    message = f"No file found with id '{file.id}' in vector store '{store.id}'."
    assert error.value.body["message"] == message
    assert client.files.retrieve(file.id)
    renamed = client.vector_stores.update(
        store.id, name="t", metadata={"a": "b"}, expires_after=None
    )
    assert (renamed.name, renamed.metadata, renamed.expires_at) == ("t", {"a": "b"}, None)
    assert [one.id for one in client.vector_stores.list()] == [store.id]
    search = {"file_search": {"vector_store_ids": [store.id]}}
    assistant = client.beta.assistants.create(model="gpt-4o", tool_resources=search)
    assert client.vector_stores.delete(store.id).deleted
    assistant = client.beta.assistants.retrieve(assistant.id)
    assert assistant.tool_resources.file_search.vector_store_ids == []
    with pytest.raises(NotFoundError, match=f"No vector store found with id '{store.id}'."):
        client.vector_stores.retrieve(store.id)


def test_a_batch_of_files(client: OpenAI):
    store = client.vector_stores.create()
    batches = client.vector_stores.file_batches
    file = client.files.create(file=("d.md", b"x"), purpose="assistants")
    begun = batches.create(store.id, files=[{"file_id": file.id, "attributes": {"a": True}}])
    assert (begun.status, begun.file_counts.in_progress) == ("in_progress", 1)
    ended = batches.retrieve(begun.id, vector_store_id=store.id)
    assert (ended.status, ended.file_counts.completed) == ("completed", 1)
    (shown,) = client.vector_stores.files.list(store.id)
    assert shown.attributes == {"a": True}
    files = [(f"{n}.md", b"x" * n) for n in (1, 2, 3)]
    done = batches.upload_and_poll(store.id, files=files)
    assert (done.status, done.file_counts.completed) == ("completed", 3)
    ids = [file.id for file in batches.list_files(done.id, vector_store_id=store.id)]
    assert ids == sorted(ids)  # of one second: in this order, both ways
    both = [batches.list_files(done.id, vector_store_id=store.id, order=o) for o in ("asc", "desc")]
    assert [[file.id for file in page] for page in both] == [ids, ids]
    assert client.vector_stores.retrieve(store.id).file_counts.total == 4
    client.files.delete(ids[0])  # and so it is in no vector store
    assert client.vector_stores.retrieve(store.id).file_counts.total == 3


def test_what_is_deleted_while_it_is_in_progress_keeps_nobody_waiting(client: OpenAI):
    store = client.vector_stores.create()
    file = client.files.create(file=("a.md", b"x"), purpose="assistants")
    batch = client.vector_stores.file_batches.create(store.id, file_ids=[file.id])
    client.files.delete(file.id)
    read = client.vector_stores.file_batches.retrieve(batch.id, vector_store_id=store.id)
    assert (read.status, read.file_counts.total) == ("completed", 0)


def test_a_vector_store_that_tool_resources_ask_for_is_there_afterwards(client: OpenAI):
    file = client.files.create(file=("a.md", b"x"), purpose="assistants")
    search = {"vector_stores": [{"file_ids": [file.id], "metadata": {"a": "b"}}]}
    sent = {"tool_resources": {"file_search": search}}
    assistant = client.beta.assistants.create(model="gpt-4o", **sent)
    thread = client.beta.threads.create(**sent)
    for made, days in ((assistant, None), (thread, 7)):
        (id,) = made.tool_resources.file_search.vector_store_ids
        store = client.vector_stores.retrieve(id)
        assert (store.file_counts.completed, store.metadata) == (1, {"a": "b"})
        assert (store.expires_after and store.expires_after.days) == days


def test_the_async_client_uploads(base_url: str):
    async def made() -> str:
        async with AsyncOpenAI(base_url=base_url, api_key=KEY) as client:
            store = await client.vector_stores.create()
            poll = client.vector_stores.files.upload_and_poll
            return (await poll(vector_store_id=store.id, file=("a.md", b"x"))).status

    assert asyncio.run(made()) == "completed"


# Forms

TAKEN = [
    (form(), FORM, "a.txt", b"x"),
    (form(), 'multipart/form-data; boundary="bnd"', "a.txt", b"x"),
    (form(), "Multipart/Form-Data;charset=utf-8;Boundary=bnd", "a.txt", b"x"),
    (b"preamble\r\n" + form() + b"epilogue", FORM, "a.txt", b"x"),
    (form().replace(b"--bnd\r\n", b"--bnd \t\r\n"), FORM, "a.txt", b"x"),
    (form().rstrip(), FORM, "a.txt", b"x"),
    # As undici, .NET, curl and old browsers write a name.
    (form("你好.txt"), FORM, "你好.txt", b"x"),
    (
        form().replace(b'="a.txt"', b"=\"=?utf-8?B?eA==?=\"; filename*=utf-8''%E4%BD%A0.txt"),
        FORM,
        "你.txt",
        b"x",
    ),
    (form().replace(b'="a.txt"', b"*=iso-8859-1'de'%e4.txt"), FORM, "ä.txt", b"x"),
    (part('name="file"; filename="1"', b"1") + form(), FORM, "1", b"1"),
    (form().replace(b'"a.txt"', b"a.txt"), FORM, "a.txt", b"x"),
    (form("a\\dir\\b; c=.txt"), FORM, "a\\dir\\b; c=.txt", b"x"),
    (form('\\"a\\".txt'), FORM, '"a".txt', b"x"),
    (form().replace(b"Content-D", b"X: y\r\ncontent-d"), FORM, "a.txt", b"x"),
    # What looks like the end, inside.
    (form("a", b"\r\n--bndx\r\n--bn\r\n--bnd--x\r\n"), FORM, "a", b"\r\n--bndx\r\n--bn\r\n--bnd--x\r\n"),
    (form("a", b"--bnd\n--bnd--\r\r\n\n"), FORM, "a", b"--bnd\n--bnd--\r\r\n\n"),
    (form("a", bytes(range(256))), FORM, "a", bytes(range(256))),
]  # fmt: skip


@pytest.mark.parametrize("content, kind, name, kept", TAKEN)
def test_a_form_is_read_as_clients_write_it(replay: Replay, content, kind, name, kept):
    file = got(ask(replay, "POST", "files", content, kind))
    assert (file["filename"], file["bytes"]) == (name, len(kept))
    assert replay.project(KEY).files[file["id"]].content == kept


NOT_READ = "The browser (or proxy) sent a request that this server could not understand."
PURPOSES = "['fine-tune', 'assistants', 'batch', 'user_data', 'vision', 'evals']"
FORMATS = (
    '"c", "cpp", "css", "csv", "doc", "docx", "gif", "go", "html", "java", "jpeg", "jpg", "js",'
    ' "json", "md", "pdf", "php", "pkl", "png", "pptx", "py", "rb", "tar", "tex", "ts", "txt",'
    ' "webp", "xlsx", "xml", "zip"'
)
HINT = "(HINT: If you're using curl, you can pass -H 'Content-Type: multipart/form-data')"
END = b"--bnd--\r\n"
EXTRA = part('name="a"') + form()
# fmt: off
REFUSED_FORMS = [
    (form(), "application/json", 415, None, f"Invalid Content-Type header (application/json), expected multipart/form-data. {HINT}"),
    (b"{}", "", 415, None, f"Invalid Content-Type header (), expected multipart/form-data. {HINT}"),
    (part('name="purpose"') + END, FORM, 400, None, "'file' is a required property"),
    (END, FORM, 400, None, "'file' is a required property"),
    (part('name="file"; filename="a"') + END, FORM, 400, None, "'purpose' is a required property"),
    (EXTRA, FORM, 400, None, "Additional properties are not allowed ('a' was unexpected)"),
    (part('name="b"') + EXTRA, FORM, 400, None, "Additional properties are not allowed ('b', 'a' were unexpected)"),
    (form(purpose="x"), FORM, 400, "purpose", f"'x' is not one of {PURPOSES} - 'purpose'"),
    (form(""), FORM, 400, None, NOT_READ),
    (form().replace(b'; filename="a.txt"', b""), FORM, 400, None, NOT_READ),
    (form(content=b""), FORM, 400, None, "File is empty."),
    (form("a.cs", b"x", "assistants"), FORM, 400, None, f"Invalid extension cs. Supported formats: {FORMATS}"),
    (form("a.PDF", b"x", "assistants"), FORM, 400, None, f"Invalid extension PDF. Supported formats: {FORMATS}"),
    # What is no form.
    (b"", FORM, 400, None, NOT_READ),
    (form(), "multipart/form-data", 400, None, NOT_READ),
    (form(), "multipart/form-data; boundary=bn", 400, None, NOT_READ),
    (form()[:-9], FORM, 400, None, NOT_READ),
    (form()[:-2] + b"\n", FORM, 400, None, NOT_READ),
    (form().replace(b"\r\n", b"\n"), FORM, 400, None, NOT_READ),
    (form().replace(b"Content-Disposition", b"X"), FORM, 400, None, NOT_READ),
    (form().replace(b'name="file"; ', b""), FORM, 400, None, NOT_READ),
    (b"--bnd\r\n" + END, FORM, 400, None, NOT_READ),
    (form("a" * 9000), FORM, 400, None, NOT_READ),
]
# fmt: on


@pytest.mark.parametrize("content, kind, status, param, message", REFUSED_FORMS)
def test_a_form_is_refused_in_the_apis_words(replay: Replay, content, kind, status, param, message):
    answer = ask(replay, "POST", "files", content, kind)
    error = json.loads(answer.content)["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (answer.status, error["message"]) == (status, message)
    assert (error["param"], error["code"]) == (param, None)
    assert error["type"] == ("server_error" if message == NOT_READ else "invalid_request_error")
    assert not replay.project(KEY).files


def test_no_form_breaks_the_server(replay: Replay):
    """5,000 seeded forms with holes and rubbish in them: an answer in the API's shape, always."""
    dice = random.Random(20261125)
    rubbish = [
        b"\r\n",
        b"--bnd",
        b"--bnd--",
        b"\r\n--bnd\r\n",
        b'"',
        b";",
        b"\\",
        b"=",
        b"\xff",
        b"\0",
    ]
    rubbish += [b"filename*=utf-8''%ff", b"filename*=x", b"name*", b"\r\n\r\n", b"", b"", b"a" * 99]
    taken = 0
    for _ in range(5000):
        content = bytearray(form())
        for _ in range(dice.randrange(1, 5)):
            at = dice.randrange(len(content))
            content[at : at + dice.randrange(9)] = dice.choice(rubbish)
        answer = ask(replay, "POST", "files", bytes(content), FORM)
        body = json.loads(answer.content)
        assert answer.status in (200, 400), content
        assert answer.status == 200 or list(body["error"]) == ["message", "type", "param", "code"]
        if answer.status == 200:
            taken += 1
            head = ask(replay, "GET", f"files/{body['id']}/content").headers
            head.get("Content-Disposition", "").encode("ascii")
    assert 100 < taken < 4000


# fmt: off
# Requests on <F>, a file; <C>, one that file search does not read; <G>, one that is gone; <S>, a
# vector store with the file <I>; <T>, a thread; <A>, an assistant.
LETTERS = "Expected an ID that contains letters, numbers, underscores, or dashes, but this value contained additional characters."
USER = {"role": "user", "content": "x"}
NOT_SEARCHED = "Files with extensions [.csv] are not supported for retrieval. See https://platform.openai.com/docs/assistants/tools/file-search/supported-files"
MODEL = {"model": "gpt-5.4", "input": "x"}
BEGINS = "Invalid '{}': 'x'. Expected an ID that begins with '{}'."
NOT_FOUND = "Files [<G>] were not found"


def attached(*ids: str, tool: str = "code_interpreter") -> dict:
    return USER | {"attachments": [{"file_id": id, "tools": [{"type": tool}]} for id in ids]}


def interpreter(*ids: str) -> dict:
    return {"tool_resources": {"code_interpreter": {"file_ids": list(ids)}}}


def search(*ids: str, **more) -> dict:
    return {"tool_resources": {"file_search": {"vector_store_ids": list(ids)} | more}}


def said(kind: str, id: str) -> dict:
    return USER | {"content": [{"type": kind, "file_id": id}]}


def expiring(anchor: str, seconds: str) -> bytes:
    policy = part('name="expires_after[anchor]"', anchor.encode())
    return policy + part('name="expires_after[seconds]"', seconds.encode()) + form()


ROWS = [
    ("GET files/x",                            None,                             404, None, "id", "No such File object: x"),
    ("GET files/<F>/content",                  None,                             400, None, None, "Not allowed to download files of purpose: assistants"),
    ("GET files?limit=10001",                  None,                             400, "integer_above_max_value", "limit", "Invalid 'limit': integer above maximum value. Expected a value <= 10000, but got 10001 instead."),
    ("PATCH files/<F>",                        None,                             405, None, None, "Invalid method for URL (PATCH /v1/files/<F>)"),
    ("GET vector_stores/x",                    None,                             400, "invalid_value", "vector_store_id", BEGINS.format("vector_store_id", "vs_")),
    ("GET vector_stores/x:y",                  None,                             400, "invalid_value", "vector_store_id", f"Invalid 'vector_store_id': 'x:y'. {LETTERS}"),
    ("GET vector_stores/vs_1",                 None,                             404, None, None, "No vector store found with id 'vs_1'."),
    ("POST vector_stores",                     {"file_ids": ["x"]},              400, "invalid_value", "file_ids[0]", BEGINS.format("file_ids[0]", "file")),
    ("POST vector_stores",                     {"file_ids": ["<G>", "<F>", "file-2", "<G>"]}, 404, None, None, "Files [<G>, file-2] were not found"),
    ("POST vector_stores",                     {"file_ids": ["<C>"]},            400, "unsupported_file", "file_ids", NOT_SEARCHED),
    ("POST vector_stores",                     {"expires_after": {"anchor": "last_active_at", "days": 366}}, 400, "integer_above_max_value", "expires_after.days", "Invalid 'expires_after.days': integer above maximum value. Expected a value <= 365, but got 366 instead."),
    ("POST vector_stores",                     {"zzz": 1},                       400, "unknown_parameter", "zzz", "Unknown parameter: 'zzz'."),
    ("POST vector_stores/<S>/files",           {},                               400, "missing_required_parameter", "file_id", "Missing required parameter: 'file_id'."),
    ("POST vector_stores/<S>/files",           {"file_id": "<G>"},               404, None, None, NOT_FOUND),
    ("POST vector_stores/<S>/files",           {"file_id": "<C>"},               400, "unsupported_file", "file_ids", NOT_SEARCHED),
    ("POST vector_stores/<S>/files",           {"file_id": "<F>", "attributes": {"a": "b" * 513}}, 400, "string_above_max_length", "attributes.a", "Invalid 'attributes.a': string too long. Expected a string with maximum length 512, but got a string with length 513 instead."),
    ("GET vector_stores/<S>/files?filter=x",   None,                             400, "invalid_value", "filter", "Invalid value: 'x'. Supported values are: 'in_progress', 'completed', 'failed', and 'cancelled'."),
    ("GET vector_stores/<S>/files/x",          None,                             400, "invalid_value", "file_id", BEGINS.format("file_id", "file")),
    ("GET vector_stores/<S>/files/<F>",        None,                             404, None, None, "No file found with id '<F>' in vector store '<S>'."),
    ("DELETE vector_stores/<S>/files/<F>",     None,                             404, None, None, "No file found with id '<F>' in vector store '<S>'."),
    ("POST vector_stores/<S>/file_batches",    {},                               400, "missing_required_parameter", "file_ids", "Missing required parameter: 'file_ids'."),
    ("POST vector_stores/<S>/file_batches",    {"file_ids": []},                 400, "empty_array", "file_ids", "Invalid 'file_ids': empty array. Expected an array with minimum length 1, but got an empty array instead."),
    ("POST vector_stores/<S>/file_batches",    {"files": [{"file_id": "<G>"}]},  404, None, None, NOT_FOUND),
    ("GET vector_stores/<S>/file_batches/<S>", None,                             400, "invalid_value", "batch_id", "Invalid 'batch_id': '<S>'. Expected an ID that begins with 'vsfb_'."),
    # Where files and vector stores are named.
    ("POST threads",                           {"messages": [USER, attached("x")]}, 400, "invalid_value", "messages[1].attachments[0].file_id", BEGINS.format("messages[1].attachments[0].file_id", "file")),
    ("POST threads",                           {"messages": [attached("<F>", "<G>"), attached("file-2")]}, 404, None, None, "Files [<G>, file-2] were not found"),
    ("POST threads",                           {"messages": [attached("<C>", tool="file_search")]}, 400, "unsupported_file", "file_ids", NOT_SEARCHED),
    ("POST threads",                           {"messages": [USER | {"content": [{"type": "image_file", "image_file": {"file_id": "<G>"}}]}]}, 404, None, None, NOT_FOUND),
    ("POST threads",                           interpreter("x"),                 400, "invalid_value", "tool_resources.code_interpreter.file_ids[0]", BEGINS.format("tool_resources.code_interpreter.file_ids[0]", "file")),
    ("POST threads",                           interpreter("<G>"),               404, None, None, NOT_FOUND),
    ("POST threads",                           search("x"),                      400, "invalid_value", "tool_resources.file_search.vector_store_ids[0]", BEGINS.format("tool_resources.file_search.vector_store_ids[0]", "vs_")),
    ("POST threads",                           search("vs_1"),                   404, None, None, "No vector store found with id 'vs_1'."),
    ("POST threads",                           search(vector_stores=[{"file_ids": ["<G>"]}]), 404, None, None, NOT_FOUND),
    ("POST threads",                           {"messages": [attached("<G>")]} | search(vector_stores=[{}]), 404, None, None, NOT_FOUND),
    ("POST threads/<T>",                       {"metadata": {"new": ""}} | interpreter("<G>"), 404, None, None, NOT_FOUND),
    ("POST threads/<T>/messages",              attached("x"),                    400, "invalid_value", "attachments[0].file_id", BEGINS.format("attachments[0].file_id", "file")),
    ("POST threads/<T>/messages",              attached("<G>"),                  404, None, None, NOT_FOUND),
    ("POST threads/<T>/runs",                  {"assistant_id": "<A>", "additional_messages": [attached("<G>")]}, 404, None, None, NOT_FOUND),
    ("POST threads/runs",                      {"assistant_id": "<A>", "thread": {"messages": [attached("<G>")]}}, 404, None, None, NOT_FOUND),
    ("POST threads/runs",                      {"assistant_id": "<A>", "thread": {"messages": [USER]}} | search("vs_1"), 404, None, None, "No vector store found with id 'vs_1'."),
    ("POST threads/runs",                      {"assistant_id": "<A>", "thread": {"messages": [USER]} | search("x")}, 400, "invalid_value", "thread.tool_resources.file_search.vector_store_ids[0]", BEGINS.format("thread.tool_resources.file_search.vector_store_ids[0]", "vs_")),
    ("POST assistants",                        {"model": "gpt-4o"} | interpreter("<G>"), 404, None, None, NOT_FOUND),
    ("POST assistants/<A>",                    {"name": "new"} | search("vs_1"), 404, None, None, "No vector store found with id 'vs_1'."),
    ("POST conversations",                     {"items": [said("input_image", "<G>")]}, 404, None, None, NOT_FOUND),
    ("POST responses",                         MODEL | {"input": [said("input_file", "<G>")]}, 404, None, None, NOT_FOUND),
    ("POST responses",                         MODEL | {"input": [USER, said("input_file", "x")]}, 400, "invalid_value", "input[1].content[0].file_id", BEGINS.format("input[1].content[0].file_id", "file")),
    ("POST responses",                         MODEL | {"tools": [{"type": "file_search", "vector_store_ids": ["<S>", "vs_1"]}]}, 404, None, None, "Vector store with id [vs_1] not found."),
    ("POST responses",                         MODEL | {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["<G>"]}}]}, 404, None, None, NOT_FOUND),
]
OWN = [
    ("POST vector_stores/<S>/search",                {"query": "x"},                         "not_replayed"),
    ("POST vector_stores/<S>/files/<I>",             {"attributes": {}},                     "not_replayed"),
    ("GET vector_stores/<S>/files/<I>/content",      None,                                   "not_replayed"),
    ("POST vector_stores/<S>/file_batches/vsfb_1/cancel", None,                              "not_replayed"),
    ("GET vector_stores/<S>/file_batches/vsfb_1",    None,                                   "not_found"),
    ("POST vector_stores/<S>/files",                 {"file_id": "<I>"},                     "not_replayed"),
    ("POST vector_stores",                           {"file_ids": ["<F>", "<F>"]},           "not_replayed"),
    ("POST vector_stores/<S>/file_batches",          {"file_ids": ["<F>"], "files": [{"file_id": "<F>"}]}, "not_replayed"),
    ("POST vector_stores/<S>/files",                 {"file_id": "<F>", "chunking_strategy": {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 401}}}, "not_replayed"),
    ("POST files",                                   form(purpose="batch"),                  "not_replayed"),
    ("POST files",                                   form("upload", b"x", "assistants"),     "not_replayed"),
    ("POST files",                                   expiring("x", "3600"),                  "not_replayed"),
    ("POST files",                                   expiring("created_at", "3599"),         "not_replayed"),
    ("POST files",                                   expiring("created_at", "3600.5"),       "not_replayed"),
    ("POST files",                                   part('name="a"') * 21 + form(),         "too_many_values"),
]
# fmt: on


@pytest.fixture
def made() -> tuple[Replay, dict[str, str]]:
    """A server with the objects that the rows name."""
    replay = Replay()
    ids = {letter: got(upload(replay, "a.md", b"x", "assistants"))["id"] for letter in "FGI"}
    ids["C"] = got(upload(replay, "a.csv", b"x", "assistants"))["id"]
    got(ask(replay, "DELETE", f"files/{ids['G']}"))
    for letter, path, body in (
        ("S", "vector_stores", {"file_ids": [ids["I"]]}),
        ("T", "threads", {"messages": [USER]}),
        ("A", "assistants", {"model": "gpt-4o"}),
    ):
        ids[letter] = got(ask(replay, "POST", path, body))["id"]
    got(ask(replay, "GET", f"vector_stores/{ids['S']}"))
    return replay, ids


def filled(text: str, ids: dict[str, str]) -> str:
    return re.sub("<([A-Z])>", lambda found: ids[found[1]], text)


def asked(made, request: str, body: object) -> Answer:
    replay, ids = made
    method, path = filled(request, ids).split(" ")
    if isinstance(body, bytes):
        return ask(replay, method, path, body, FORM)
    return ask(replay, method, path, json.loads(filled(json.dumps(body), ids)))


def state(replay: Replay) -> str:
    """All that a key owns, as text."""
    project = replay.project(KEY)
    kinds = ("files", "vector_stores", "threads", "assistants", "conversations", "responses")
    owned = [list(getattr(project, kind).values()) for kind in kinds]
    return json.dumps(owned, default=lambda item: getattr(item, "body", str(item)))


@pytest.mark.parametrize("request_, body, status, code, param, message", ROWS)
def test_what_is_refused_leaves_nothing(made, request_, body, status, code, param, message):
    replay, ids = made
    before = state(replay)
    answer = asked(made, request_, body)
    error = json.loads(answer.content)["error"]
    assert (answer.status, error["message"]) == (status, filled(message, ids))
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert state(replay) == before


@pytest.mark.parametrize("request_, body, code", OWN)
def test_what_the_api_says_to_is_not_known_is_refused_as_the_servers_own(
    made, request_, body, code
):
    before = state(made[0])
    error = json.loads(asked(made, request_, body).content)["error"]
    assert (error["type"], error["code"]) == ("replay_error", code)
    assert state(made[0]) == before


def test_what_is_there_may_be_named_everywhere(made):
    for request_, body in (
        ("POST threads/<T>/messages", attached("<F>", tool="file_search")),
        ("POST threads/<T>", interpreter("<F>")),
        ("POST assistants/<A>", search("<S>")),
        ("POST threads/runs", {"assistant_id": "<A>", "thread": {"messages": [attached("<C>")]}}),
        ("POST conversations", {"items": [said("input_file", "<F>")]}),
        (
            "POST responses",
            {
                "model": "gpt-5.4",
                "input": [said("input_image", "<C>")],
                "tools": [{"type": "file_search", "vector_store_ids": ["<S>"]}],
            },
        ),
    ):
        got(asked(made, request_, body))


def test_two_keys_see_nothing_of_each_other(made):
    replay, ids = made
    for path in ("files/<F>", "vector_stores/<S>"):
        assert ask(replay, "GET", filled(path, ids), key="sk-other").status == 404
    for path in ("files", "vector_stores"):
        assert got(ask(replay, "GET", path, key="sk-other"))["data"] == []
    body = {"messages": [attached(ids["F"])]}
    assert ask(replay, "POST", "threads", body, key="sk-other").status == 404


def test_a_form_is_shown_and_written_as_a_recording_has_it(replay: Replay):
    """Short ones whole; so the same upload is answered as recorded, another is not."""
    body = {"purpose": "assistants", "file": {"filename": "plan.txt", "content": "1. Loops"}}
    kind, content = multipart.written(body)
    request = Request("POST", "/v1/files", {"Content-Type": kind}, content, len(content))
    assert multipart.body_of(request) == body
    long = multipart.written(body | {"file": {"filename": "a.txt", "content": "x" * 5000}})[1]
    request = Request("POST", "/v1/files", {"Content-Type": kind}, long, len(long))
    assert multipart.body_of(request)["file"] == "a.txt"
    recorded = next(e for e in replay.recordings.exchanges if e.path == "/v1/files")
    for sent, who in ((recorded.request_body, "recorded"), (body, "computed")):
        kind, content = multipart.written(sent)
        assert ask(replay, "POST", "files", content, kind, "sk-x").headers["x-replay"] == who


# Bounds


def test_what_a_key_and_all_keys_may_keep_is_bound(monkeypatch):
    monkeypatch.setattr(api, "FILES_OF_A_KEY", 10_000)
    monkeypatch.setattr(api, "FILES", 25_000)
    replay, large = Replay(), b"x" * 9000
    first = got(upload(replay, "a", large))["id"]

    def refused(key: str, most: int) -> None:
        answer = upload(replay, "a", large, key=key)
        error = json.loads(answer.content)["error"]
        assert (answer.status, error["code"]) == (413, "no_room")
        assert str(most) in error["message"]

    refused(KEY, 10_000)
    got(upload(replay, "a", large, key="sk-2"))
    refused("sk-3", 25_000)
    got(ask(replay, "DELETE", f"files/{first}"))
    got(upload(replay, "a", large, key="sk-3"))


def test_what_a_deleted_file_held_comes_back():
    replay = Replay()
    tracemalloc.start()
    try:
        id = got(upload(replay, "a", b"x" * 2**23))["id"]
        assert tracemalloc.get_traced_memory()[0] > 2**23
        got(ask(replay, "DELETE", f"files/{id}"))
        assert tracemalloc.get_traced_memory()[0] < 2**20
    finally:
        tracemalloc.stop()
    assert replay.project(KEY).held == 0


def test_only_an_upload_may_be_large():
    with serving(Replay()) as url:
        client = OpenAI(base_url=url, api_key=KEY, max_retries=0)
        large = b"x" * (BODY_LIMIT + 1)
        assert client.files.create(file=("a", large), purpose="user_data").bytes == len(large)
        headers = {"Authorization": f"Bearer {KEY}"}
        for path, size in (("vector_stores", BODY_LIMIT), ("files", UPLOAD_LIMIT)):
            answer = httpx2.post(f"{url}/{path}", headers=headers, content=b" " * (size + 1))
            assert answer.status_code == 413
            assert answer.json()["error"]["code"] == "request_too_large"


# Live


def test_live_files_are_the_real_apis_and_no_id_is_checked(upstream):  # noqa: F811
    real, upstream_url = upstream
    with serving(live(upstream_url)) as url:
        client = OpenAI(base_url=url, api_key=SESSION, max_retries=0)
        content = bytes(range(256)) * 9
        file = client.files.create(file=("你好.png", content), purpose="vision")
        assert (file.filename, client.files.content(file.id).read()) == ("你好.png", content)
        store = client.vector_stores.create()
        asked = [(request.method, request.path.split("/")[2]) for request in real.asked]
        assert asked == [("POST", "files"), ("GET", "files"), ("POST", "vector_stores")]
        thread = client.beta.threads.create(
            messages=[attached(file.id)],
            tool_resources={"file_search": {"vector_store_ids": [store.id]}},
        )
        assert thread.tool_resources.file_search.vector_store_ids == [store.id]
        with pytest.raises(APIStatusError, match=r"Files \[file-1\] were not found"):
            client.responses.create(model="gpt-5.4", input=[said("input_file", "file-1")])
