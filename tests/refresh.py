"""`python -m tests.refresh [--add] [NOTEBOOK...]`: run the notebooks, rewrite their outputs.

Nothing but outputs and execution counts changes, and the README's sheet, which is made from the
notebooks: no timestamps, no version of Python. On a clean tree nothing changes at all.

With --add, requests that have no recording (a new cell's) are added to the notebook's file as the
rules answer them. They are graded `house` until somebody names a source that bears them out.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from .notebooks import PATHS, environment, key_of
from .replay import recordings
from .replay.project import Project
from .replay.recordings import Exchange
from .replay.server import Answer, Replay, Request, is_key, serving
from .sheet import README, refreshed_readme

NO_SOURCE_YET = (
    "Transcribed, not captured. Computed by the rules: name the source that bears it out, and its"
    " grade."
)


def refreshed(path: Path, base_url: str | None) -> str:
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
        timeout=30,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )
    try:
        client.execute(env=environment(path.stem, base_url), stderr=subprocess.DEVNULL)
    finally:
        manager.shutdown_kernel(now=True)
    for cell, new in zip(notebook.cells, ran.cells, strict=True):
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = new.outputs, new.execution_count
    return nbformat.writes(notebook) + "\n"


def all_refreshed(paths: list[Path], base_url: str) -> Iterator[str]:
    """The texts of several notebooks, run two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(lambda path: refreshed(path, base_url), paths)


def add_missing(path: Path, file: Path) -> int:
    """Add to a recording what its notebook asks and it lacks; how many exchanges."""
    session: list[Exchange] = []

    def log(request: Request, answer: Answer) -> None:
        session.append(answer.exchange or transcribed(request, answer, path.name))

    replay = Replay(recordings.load(), log)
    # Ids are minted from a serial number: one that no other notebook's recording has come to.
    fresh = len(replay.recordings.exchanges) * 1000
    replay.projects[key_of(path.stem)] = Project(replay.recordings, serial=fresh)
    with serving(replay) as base_url:
        refreshed(path, base_url)
    new = [exchange for exchange in session if exchange.source == NO_SOURCE_YET]
    if new:
        recordings.write(file, path.name, session)
    return len(new)


def transcribed(request: Request, answer: Answer, notebook: str) -> Exchange:
    """An answer that the rules computed, as an exchange."""
    names = ("date", "openai-processing-ms", "x-request-id", "cf-ray")
    return Exchange(
        method=request.method,
        path=request.target,
        body=json.loads(request.content) if request.content else None,
        key=None if is_key(request.key) else request.key,
        status=answer.status,
        headers={name: answer.headers[name] for name in names},
        answer=json.loads(answer.content),
        grade="house",
        source=NO_SOURCE_YET,
        notebook=notebook,
    )


def main(names: list[str]) -> int:
    """Refresh the notebooks of those names, or all; one line each."""
    paths = [Path(name) for name in names if name != "--add"] or PATHS
    if "--add" in names:
        for path in paths:
            count = add_missing(path, recordings.FOLDER / f"{path.stem}.json")
            print(f"{path.name}: {count} exchanges added to its recording")
    with serving(Replay(recordings.load())) as base_url:
        for path, text in zip(paths, all_refreshed(paths, base_url), strict=True):
            rewrite(path, text)
    rewrite(README, refreshed_readme())
    return 0


def rewrite(path: Path, text: str) -> None:
    """Write a file if its text has changed, and say so."""
    changed = text != path.read_text(encoding="utf-8")
    if changed:
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.name}: {'rewritten' if changed else 'unchanged'}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
