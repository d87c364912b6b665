"""A body of multipart/form-data taken apart: the fields of a form, files among them (RFC 7578)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from .. import errors
from ..exchange import Request

MOST_PARTS = 20  # the API knows four [replay]
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
