"""The files: one JSON file of recorded exchanges a notebook, each with its source and grade.

A file is `{"notebook": name, "exchanges": [{"request", "response", "grade", "source"}, ...]}`.
A source is one or more names of `tests/sources.json`, with commas, or `Captured from …`.
A request is `method`, `path` (with its query) and `body`, and `key` where it was sent with one
that is no API key; a response is `status`, `headers` and `body`. A body is the JSON value, or the
text itself where the wire had it formatted otherwise than `exchange.encode` does.
"""

import json
import re
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from .exchange import Exchange

FOLDER = Path(__file__).resolve().parents[1] / "recordings"
NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
GRADES = (
    "article",
    "recorded",
    "quoted",
    "documented",
    "reported",
    "inferred",
    "disputed",
    "replay",
)


class BrokenRecording(Exception):
    """A recording that can't be used; the message names the file and the line."""


def load(folder: Path = FOLDER) -> list[Exchange]:
    """Every recording in `folder`, in the order of the notebooks.

    Raises BrokenRecording, naming file and line, for one that is missing, truncated or malformed.
    """
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    names += sorted(path.stem for path in folder.glob("*.json") if path.stem not in names)
    return [exchange for name in names for exchange in read(folder / f"{name}.json")]


def read(file: Path) -> list[Exchange]:
    """The exchanges of one file. Raises BrokenRecording."""
    try:
        text = file.read_text(encoding="utf-8")
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise BrokenRecording(f"{file}, line {error.lineno}: {error.msg}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise BrokenRecording(f"{file}: {error}") from None
    lines = [text.count("\n", 0, m.start()) + 1 for m in re.finditer('^ *"request":', text, re.M)]
    exchanges = []
    place = f"{file}, line 1"
    try:
        for number, entry in enumerate(content["exchanges"]):
            place = f"{file}, line {lines[number] if number < len(lines) else 1}"
            exchanges.append(_exchange(entry, content["notebook"], place))
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise BrokenRecording(f"{place}: {reason}") from None
    return exchanges


def write(file: Path, notebook: str, exchanges: list[Exchange]) -> None:
    """Write one file whole or not at all. Raises OSError when it can't be written."""
    with NamedTemporaryFile(dir=file.parent, suffix=".part", delete=False) as part:
        path = Path(part.name)
    try:
        path.write_text(text_of(notebook, exchanges), encoding="utf-8", newline="\n")
        path.chmod(0o644)
        path.replace(file)
    finally:
        with suppress(OSError):
            path.unlink()


def text_of(notebook: str, exchanges: list[Exchange]) -> str:
    """A file's text."""
    entries = []
    for e in exchanges:
        key = {} if e.key is None else {"key": e.key}
        entries.append(
            {
                "request": {"method": e.method, "path": e.path, "body": e.request_body, **key},
                "response": {"status": e.status, "headers": e.headers, "body": e.response_body},
                "grade": e.grade,
                "source": e.source,
            }
        )
    content = {"notebook": notebook, "exchanges": entries}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _exchange(entry: dict, notebook: str, place: str) -> Exchange:
    request, response = entry["request"], entry["response"]
    if entry["grade"] not in GRADES:
        raise ValueError(f"grade {entry['grade']!r} is none of {', '.join(GRADES)}")
    status, headers = response["status"], response["headers"]
    if not isinstance(status, int) or not 200 <= status <= 599:
        raise ValueError("a response needs a status, 200 to 599")
    if not isinstance(headers, dict) or not all(isinstance(v, str) for v in headers.values()):
        raise ValueError("a response needs headers, an object of strings")
    strings = (request["path"], request["method"], request.get("key", ""), entry["source"])
    if not all(isinstance(text, str) for text in (*strings, notebook)):
        raise ValueError("method, path, key, source and notebook are strings")
    if not isinstance(request["body"], dict | None):
        raise ValueError("a request's body must be a JSON object, or null")
    exchange = Exchange(
        method=request["method"],
        path=request["path"],
        request_body=request["body"],
        key=request.get("key"),
        status=status,
        headers=headers,
        response_body=response["body"],
        grade=entry["grade"],
        source=entry["source"],
        notebook=notebook,
        place=place,
    )
    if not isinstance(exchange.value, dict):
        raise ValueError("a response's body must be a JSON object")
    return exchange
