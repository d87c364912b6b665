"""`python -m tests.refresh [NOTEBOOK...]`: run the notebooks on the recordings, rewrite outputs.

Nothing but outputs and execution counts changes, and the README's sheet, which is made from the
notebooks: no timestamps, no version of Python. On a clean tree nothing changes at all.
"""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

from .notebooks import PATHS, environment
from .replay import recordings
from .replay.server import Replay, serving
from .sheet import README, refreshed_readme


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


def main(names: list[str]) -> int:
    """Refresh the notebooks of those names, or all; one line each."""
    paths = [Path(name) for name in names] or PATHS
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
