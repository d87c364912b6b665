"""A body of multipart/form-data taken apart: the fields of a form, files among them (RFC 7578)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from . import errors
from .exchange import Request

MOST_PARTS = 20  # the API knows four [replay]
SHORT = 4096  # bytes of a file that a recording holds
HEAD = 8192  # bytes of a part's headers that are looked at
# A parameter of a header: its name, and its text in quotes or without.
PARAM = re.compile(r';\s*([^=;\s]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|\\?$)|([^;\s]*))', re.S)


@dataclass(frozen=True)
class Field:
    """A field's bytes. filename: as it was sent; "" when the field is no file."""

    content: bytes
    filename: str = ""

    @property
    def text(self) -> str:
        """The bytes as text."""
        return self.content.decode("utf-8", "replace")


def read(request: Request) -> dict[str, Field]:
    """The fields of a form by their names, in order; of two with one name the first.

    Raises errors.ApiError: 415 for another type of body, 400 for what can't be taken apart.
    """
    kind = request.headers.get("Content-Type", "")
    if kind.partition(";")[0].strip().lower() != "multipart/form-data":
        raise errors.no_form(kind)
    boundary = _params(kind).get("boundary", "")
    found: dict[str, Field] = {}
    if not boundary or not boundary.isascii():
        raise errors.broken_form()
    for number, (start, stop) in enumerate(_parts(request.content, boundary.encode())):
        if number == MOST_PARTS:
            raise errors.too_many_values(MOST_PARTS)
        end = request.content.find(b"\r\n\r\n", start, min(stop, start + HEAD))
        head = request.content[start : max(end, start)].decode("utf-8", "replace")
        params = _params(_disposition(head))
        if "name" not in params:
            raise errors.broken_form()
        field = Field(request.content[end + 4 : stop], params.get("filename", ""))
        found.setdefault(params["name"], field)
    return found


def shown(form: dict[str, Field]) -> dict:
    """A form as JSON, as a recording has it: of a file its name, and its text where it is short."""
    return {
        name: {"filename": field.filename, "content": field.text}
        if field.filename and len(field.content) <= SHORT
        else field.filename or field.text
        for name, field in form.items()
    }


def body_of(request: Request) -> object:
    """A request's body as a recording has it: the JSON value, a form, None for none."""
    if request.headers.get("Content-Type", "").startswith("multipart/"):
        return shown(read(request))
    return json.loads(request.content or b"null")


def written(form: dict) -> tuple[str, bytes]:
    """A form that `shown` shows: its content type, and its bytes."""
    parts = []
    for name, value in form.items():
        file = isinstance(value, dict)
        named = f'; filename="{value["filename"]}"' if file else ""
        head = f'--form\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        parts.append(f"{head}{value['content'] if file else value}\r\n".encode())
    return "multipart/form-data; boundary=form", b"".join([*parts, b"--form--\r\n"])


def _parts(content: bytes, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where each part begins and ends: between lines that are a mark and nothing else. Raises
    errors.ApiError: 400 without a last one."""
    line = b"--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r\n|\Z)"
    later = re.compile(b"\r\n" + line)
    mark = re.match(line, content) or later.search(content)
    while mark and not mark[1]:
        start = mark.end()
        if mark := later.search(content, start):
            yield start, mark.start()
    if not mark:
        raise errors.broken_form()


def _disposition(head: str) -> str:
    """The header that names a part; "" for none."""
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return value
    return ""


def _params(header: str) -> dict[str, str]:
    """A header's parameters. `filename*=utf-8''…` goes before `filename="…"` (RFC 6266)."""
    found: dict[str, str] = {}
    for name, quoted, bare in PARAM.findall(header):
        found.setdefault(name.lower(), re.sub(r'\\(["\\])', r"\1", quoted) or bare)
    for name in [name for name in found if name.endswith("*")]:
        charset, _, text = found.pop(name).partition("'")
        latin = charset.lower() == "iso-8859-1"
        text = unquote(text.partition("'")[2], "latin-1" if latin else "utf-8")
        found[name[:-1]] = text or found.get(name[:-1], "")
    return found
