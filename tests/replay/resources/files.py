"""Files: create, list, retrieve, delete, content. Their bytes are kept, and never looked into.

An answer's last byte is a newline, as nowhere else in the API [recorded]. The API also sends
`Access-Control-Allow-Origin: *` [recorded], which is left out here: no other origin may read what
a server on loopback has.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote

from .. import collection, errors, ids
from ..call import Call
from ..multipart import Field
from ..project import File

# As the API lists them [recorded, May 2026]; and those whose files it only keeps. It checks a file
# for the others in words that are not known.
PURPOSES = ("fine-tune", "assistants", "batch", "user_data", "vision", "evals")
KEPT = ("assistants", "user_data", "vision")
NO_DOWNLOAD = ("assistants", "user_data")
FORM = ("file", "purpose", "expires_after[anchor]", "expires_after[seconds]")
SECONDS = range(3600, 2_592_001)  # until a file expires [documented]
# How a file for assistants may end; capitals count [quoted, four, Oct 2024 to 2025].
ASSISTANTS = """c cpp css csv doc docx gif go html java jpeg jpg js json md pdf php pkl png pptx py
    rb tar tex ts txt webp xlsx xml zip""".split()
# What file search reads [documented].
SEARCHED = """c cpp cs css doc docx go html java js json md pdf php pptx py rb sh tex ts
    txt""".split()


def create(call: Call) -> dict:
    """POST /files: a file, `processed` at once [recorded].

    Its name stays as it was sent [recorded]. Nothing expires here: `expires_at` is only shown
    [documented]. Raises errors.ApiError: 415, 400.
    """
    form = call.form
    for name in FORM[:2]:
        if name not in form:
            raise errors.missing_property(name)
    if more := [name for name in form if name not in FORM]:
        raise errors.additional_properties(more)
    purpose, sent = form["purpose"].text, form["file"]
    if purpose not in PURPOSES:
        raise errors.bad_purpose(purpose, PURPOSES)
    if not sent.filename:
        raise errors.broken_form()
    if not sent.content:
        raise errors.empty_file()
    if purpose not in KEPT:
        raise errors.not_replayed("purpose", "purpose", purpose)
    if purpose == "assistants" and (end := _extension(sent.filename, "file")) not in ASSISTANTS:
        raise errors.bad_extension(end, ASSISTANTS)
    lifetime = _lifetime(form)
    created = call.timestamp()
    id, expires = call.id("file-", mint=ids.file), created + lifetime if lifetime else None
    body = shown(id, created, purpose, sent.filename, len(sent.content), expires)
    call.project.files[id] = File(body, sent.content)
    call.project.held += len(sent.content)
    return body


def shown(
    id: str, created: int, purpose: str, filename: str, size: int = 0, expires: int | None = None
) -> dict:
    """A file as the API shows it. created, expires: Unix seconds. size: bytes."""
    return {
        "object": "file",
        "id": id,
        "purpose": purpose,
        "filename": filename,
        "bytes": size,
        "created_at": created,
        "expires_at": expires,
        "status": "processed",
        "status_details": None,
    }


def list_(call: Call) -> dict:
    """GET /files: newest first, 10,000 a page, unless asked otherwise [documented]; `has_more`
    stands in front of the ids [recorded]. There is no `before` [documented]."""
    query = {name: value for name, value in call.query.items() if name != "before"}
    purpose = query.get("purpose")
    keep = (lambda file: file.body["purpose"] == purpose) if purpose else None
    found, more = collection.page("files", call.project.files, query, keep, 10_000, 10_000)
    data = [file.body for file in found]
    return {
        "object": "list",
        "data": data,
        "has_more": more,
        "first_id": data[0]["id"] if data else None,
        "last_id": data[-1]["id"] if data else None,
    }


def retrieve(call: Call, file: File) -> dict:
    """GET /files/{id} [recorded]."""
    return file.body


def delete(call: Call, file: File) -> dict:
    """DELETE /files/{id} [recorded]. It is taken out of all vector stores [documented]."""
    id = file.body["id"]
    del call.project.files[id]
    call.project.held -= len(file.content)
    for store in call.project.vector_stores.values():
        store.remove(id)
    return {"object": "file", "deleted": True, "id": id}


def content(call: Call, file: File) -> bytes:
    """GET /files/{id}/content: the bytes [recorded: vision; how a name that is no plain ASCII is
    written: inferred]. Raises errors.ApiError: 400 for what was uploaded for the API [quoted]."""
    if file.body["purpose"] in NO_DOWNLOAD:
        raise errors.no_download(file.body["purpose"])
    name = file.body["filename"]
    plain = re.fullmatch(r"[ -~]*", name) and '"' not in name and "\\" not in name
    named = f'filename="{name}"' if plain else f"filename*=UTF-8''{quote(name, safe='')}"
    call.headers |= {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; {named}",
    }
    return file.content


def check_ids(call: Call, named: Iterable[tuple[str, str]]) -> None:
    """Check ids of files, each behind its place in the body.

    In a live session the files are at the real API, and no id is checked. Raises errors.ApiError:
    400 for an id of another kind, 404 for files that are not there.
    """
    if call.live:
        return
    missing = []
    for place, id in named:
        collection.check_id(id, place, "file")
        if id not in call.project.files:
            missing.append(id)
    if missing:
        raise errors.files_not_found(missing)


def check_searched(call: Call, ids: Iterable[str]) -> None:
    """Check that file search reads these files.

    Raises errors.ApiError: 400 for an extension that it does not [quoted, until Aug 2026].
    """
    names = [call.project.files[id].body["filename"] for id in ids if id in call.project.files]
    extensions = dict.fromkeys(_extension(name, "file_ids") for name in names)
    if bad := [f".{found}" for found in extensions if found.lower() not in SEARCHED]:
        raise errors.not_for_retrieval(bad)


def _extension(filename: str, param: str) -> str:
    """What follows a name's last dot. What the API says to a name without one is unknown, so that
    is refused as the server's own."""
    _, dot, extension = filename.rpartition(".")
    if not dot or not extension:
        raise errors.not_replayed("file without an extension", param)
    return extension


def _lifetime(form: dict[str, Field]) -> int | None:
    """Seconds until a file would expire; what the API says to other policies is unknown."""
    anchor, seconds = (form[name].text if name in form else "" for name in FORM[2:])
    if not anchor and not seconds:
        return None
    in_range = re.fullmatch("[0-9]{1,9}", seconds) and int(seconds) in SECONDS
    if anchor != "created_at" or not in_range:
        raise errors.not_replayed("expires_after", "expires_after")
    return int(seconds)
