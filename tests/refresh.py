"""`python -m tests.refresh [--add | --record] [NOTEBOOK...]`: run the notebooks, rewrite outputs.

Nothing but outputs and execution counts changes, and what is made: the set-up and the check of the
connection as notebook 01 has them, the code cells of the Japanese notebooks, the sheets, and the
texts of `tests.made`. No timestamps, no version of Python. On a clean tree nothing changes at all.

With --add, the notebook's recording is written as the rules answer its requests now: new ones (a
new cell's) come in, graded `inferred` until somebody names a source that bears them out. What a
model would say to a new question stands in a file of replies, as users bring one: --replies.

With --record, the living half of each recording is asked of the real API first, with the real key
from the environment or .env. A notebook that does not run to its end, or is answered what can't be
kept, such as a stream that breaks off, keeps its old recording.
"""

import argparse
import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from .made import READMES, refreshed_cells, refreshed_readme
from .notebooks import FOLDER, JAPANESE, PATHS, environment, key_of
from .record import Session, differences
from .replay import multipart, recordings
from .replay.api import Replay, is_key
from .replay.command import real_key
from .replay.exchange import Answer, Exchange, Request
from .replay.live import UPSTREAM, Live
from .replay.project import Project
from .replay.recordings import BrokenRecording
from .replay.server import serving
from .replay.taught import Taught
from .sheet import FILES, sheet

NO_SOURCE_YET = "none yet: name the source that bears it out, and its grade"
MADE_UP = ("Date", "openai-processing-ms", "x-request-id", "CF-RAY")


def refreshed(path: Path, base_url: str | None, key: str | None = None) -> str:
    """The notebook's text with the outputs that its cells print now.

    Raises nbclient.exceptions.CellExecutionError when a cell fails.
    """
    notebook = nbformat.read(path, as_version=4)
    ran = nbformat.from_dict(notebook)
    # The kernel of this environment, whatever kernels the user has installed; as nbval does it.
    manager = KernelManager(
        kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager()
    )
    client = NotebookClient(
        ran,
        km=manager,
        timeout=120,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=environment(path.stem, base_url, key), stderr=subprocess.DEVNULL)
    finally:
        manager.shutdown_kernel(now=True)
    for cell, new in zip(notebook.cells, ran.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = new.outputs, new.execution_count
    refreshed_cells(notebook, "en")
    return nbformat.writes(notebook) + "\n"


def all_refreshed(paths: list[Path], base_url: str) -> Iterator[str]:
    """The texts of several notebooks, run two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(lambda path: refreshed(path, base_url), paths)


def digest(source: str) -> str:
    """What a Japanese text cell keeps of the English one: `translates` in its metadata."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def carried(english: str, japanese: str) -> str:
    """A Japanese notebook's text with the English one's code cells, and its own text cells.

    An English text cell that has no Japanese one yet comes in as it is, without a digest.
    """
    notebook = nbformat.reads(english, as_version=4)
    texts = {c.id: c for c in nbformat.reads(japanese, as_version=4).cells}
    for cell in notebook.cells:
        text = None if cell.id.startswith("made-") else texts.get(cell.id)
        if cell.cell_type == "markdown" and text:
            cell.source = text.source
            if "translates" in text.metadata:
                cell.metadata.translates = text.metadata.translates
    refreshed_cells(notebook, "ja")
    return nbformat.writes(notebook) + "\n"


def same_start(path: Path) -> str:
    """A notebook's text with the set-up and the check of notebook 01."""
    first = {cell.id: cell for cell in nbformat.read(PATHS[0], as_version=4).cells}
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id in ("setup", "connect"):
            cell.source = first[cell.id].source
    return nbformat.writes(notebook) + "\n"


def add_missing(path: Path, file: Path, replies: Path | None = None) -> int:
    """Add to a recording what its notebook asks and it lacks; how many exchanges.

    replies: what a model would say, see `replay.taught`.
    """
    session: list[Exchange] = []
    taught = Taught(replies) if replies else None
    replay = Replay(recordings.load(), taught=taught)
    # Ids are minted from a serial number: one that no other notebook's recording has come to.
    fresh = len(replay.recordings.exchanges) * 1000
    replay.projects[key_of(path.stem)] = Project(serial=fresh)

    def keep(request: Request, answer: Answer) -> None:
        exchange = transcribed(request, answer, path.name)
        if exchange not in session:  # a key of its own may get what was recorded for another
            session.append(exchange)

    replay.observers.append(keep)
    with serving(replay) as base_url:
        refreshed(path, base_url)
    if session != [e for e in replay.recordings.exchanges if e.notebook == path.name]:
        recordings.write(file, path.name, session)
    return sum(exchange.source == NO_SOURCE_YET for exchange in session)


def transcribed(request: Request, answer: Answer, notebook: str) -> Exchange:
    """What was answered, as an exchange: the recorded one, or as the rules compute it.

    Where a rule has changed, so that the recording's bytes have, its source and grade stay.
    """
    recorded = answer.exchange
    if recorded and not answer.why:
        return recorded
    names = [*MADE_UP, *(recorded.headers if recorded else ())]
    text = answer.content.decode()
    return Exchange(
        method=request.method,
        path=request.target,
        request_body=multipart.body_of(request),
        key=None if is_key(request.key) else request.key,
        status=answer.status,
        headers={name: answer.headers[name] for name in dict.fromkeys(names)},
        response_body=text if text.startswith("event:") else json.loads(text),
        grade=recorded.grade if recorded else "inferred",
        source=recorded.source if recorded else NO_SOURCE_YET,
        notebook=notebook,
    )


def record(path: Path, file: Path, key: str, upstream: str) -> list[str]:
    """Ask the real API what a notebook asks, and write its recording; lines that say what became.

    The server is the notebook's own, so that every request it sees is the notebook's. The new file
    is read back and run through the rules before it replaces the old one.
    """
    session = Session(path.name, upstream, key)
    replay = Replay(recordings.load(), session_key=f"sk-replay-{secrets.token_hex(16)}")
    replay.observers.append(session)
    try:
        with serving(Live(replay, key, upstream)) as base_url:
            refreshed(path, base_url, replay.session_key)
        if session.lost:
            return [f"{path.name}: left as it was, not all can be kept", *session.lost]
        with TemporaryDirectory() as folder:
            tried = Path(folder, file.name)
            recordings.write(tried, path.name, session.exchanges)
            found = differences(recordings.read(tried))
        if any(": 500, " in line for line in found):
            return [f"{path.name}: left as it was, the rules failed on it", *found]
        recordings.write(file, path.name, session.exchanges)
    except (CellExecutionError, CellTimeoutError, DeadKernelError):
        return [f"{path.name}: left as it was, it did not run to its end", *session.lost]
    except BrokenRecording as error:
        return [f"{path.name}: left as it was, it could not be replayed: {error}"]
    except OSError as error:
        return [f"{path.name}: left as it was, it could not be written: {error.strerror}"]
    new = sum(exchange.source == session.source for exchange in session.exchanges)
    count = f"{path.name}: {new} of {len(session.exchanges)} exchanges captured"
    return [count, *(f"  the rules give another answer: {line}" for line in found)]


def main(arguments: list[str] | None = None) -> int:
    """Refresh the notebooks that were named, or all; one line each."""
    parser = argparse.ArgumentParser(prog="python -m tests.refresh", description=__doc__)
    parser.add_argument("notebook", nargs="*", type=Path, default=PATHS)
    parser.add_argument("--add", action="store_true", help="add what has no recording yet")
    parser.add_argument("--replies", type=Path, help="what a model says to new questions")
    parser.add_argument("--record", action="store_true", help="ask the real API, and record it")
    parser.add_argument("--upstream", default=UPSTREAM, help="the real API's base URL")
    options = parser.parse_args(arguments)
    if missing := [path for path in options.notebook if not path.is_file()]:
        parser.error(f"there is no {missing[0]}")
    files = {path: recordings.FOLDER / f"{path.stem}.json" for path in options.notebook}
    for path in options.notebook:
        rewrite(path, same_start(path))
    for path, file in files.items() if options.add else ():
        before = file.read_bytes()
        count = add_missing(path, file, options.replies)
        if file.read_bytes() != before:  # its ids may come from exchanges that it has dropped
            count = add_missing(path, file, options.replies)
        print(f"{path.name}: {count} exchanges added to its recording")
    if options.record:
        try:
            key = real_key()
            Live(Replay(), key, options.upstream)  # says what is wrong with either
            with NamedTemporaryFile(dir=recordings.FOLDER):
                pass
        except ValueError as error:
            sys.exit(str(error))
        except OSError as error:
            sys.exit(f"{recordings.FOLDER} can't be written: {error.strerror}. Nothing was asked.")
        for path, file in files.items():
            print(*record(path, file, key, options.upstream), sep="\n", flush=True)
    with serving(Replay(recordings.load())) as base_url:
        texts = all_refreshed(list(files), base_url)
        for path, text in zip(files, texts, strict=True):
            rewrite(path, text)
    refresh_made()
    return 0


def refresh_made() -> None:
    """Rewrite what is made of the notebooks: the Japanese ones' code, the sheets, the READMEs."""
    for path in JAPANESE:
        english = (FOLDER / path.name).read_text(encoding="utf-8")
        rewrite(path, carried(english, path.read_text(encoding="utf-8")))
    for path in READMES:
        rewrite(path, refreshed_readme(path))
    for language, path in FILES.items():
        rewrite(path, sheet(language))


def rewrite(path: Path, text: str) -> None:
    """Write a file if its text has changed, and say so."""
    changed = not path.exists() or text != path.read_text(encoding="utf-8")
    if changed:
        path.write_text(text, encoding="utf-8", newline="\n")
        name = f"ja/{path.name}" if path.parent == FOLDER / "ja" else path.name
        print(f"{name}: rewritten")


if __name__ == "__main__":
    sys.exit(main())
