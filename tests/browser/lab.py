"""The README's first command: every notebook in JupyterLab, all cells run, as stored."""

import json
import shutil
import sys
from pathlib import Path

import nbformat

from ..notebooks import FOLDER, PATHS
from .page import Page, browser, own, started

# No news from the network; root, too, may run it.
LAB = """-m tests.replay jupyter lab {} --no-browser --ServerApp.port=0 --expose-app-in-browser
    --allow-root --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"""
# What scripts use: Jupyter's application, and the notebook of a path, open. A cell that has not
# ended after 60 seconds has no outputs as stored.
JUPYTER = """
async function application() {
    while (!window.jupyterapp) await sleep(0.05);
    await jupyterapp.restored;
    return jupyterapp;
}
async function notebook(path) {
    const app = await application();
    let panel = app.shell.currentWidget;
    if (panel?.context?.path !== path)
        panel = await app.commands.execute("docmanager:open", {path});
    await panel.context.ready;
    await panel.sessionContext.ready;
    return panel;
}
async function runAll(path) {
    const panel = await notebook(path);
    await jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
    if (panel.context.model.toJSON().cells.some(cell => cell.outputs?.length))
        throw new Error("The outputs are not cleared.");
    await Promise.race([jupyterapp.commands.execute("notebook:run-all-cells"), sleep(60)]);
    return panel.context.model.toJSON();
}
"""


async def check(program: str, work: Path) -> bool:
    """The README's first command, on copies: whether all is as stored."""
    folder = work / "notebooks"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns(".*"))
    lab = [sys.executable, *(word.format(folder / PATHS[0].name) for word in LAB.split())]
    says = r"http://127\.0\.0\.1:\d+/lab\S+token=\w+"
    async with (
        started(lab, work / "lab.log", says, own(work)) as url,
        browser(program, work, helpers=JUPYTER) as page,
    ):
        await page.go(url)
        # In Japanese they ask the same: this one server would have nothing recorded left for them.
        good = [await as_stored(page, path) for path in PATHS]
    return all(good)


async def as_stored(page: Page, path: Path) -> bool:
    """Run All Cells of a notebook in the page; print whether it is then as stored."""
    name = path.relative_to(FOLDER).as_posix()
    now = notebook(await page.run("runAll", name))
    wrong = difference(nbformat.read(path, as_version=4), now)
    print(f"{name}: {wrong or f'all {len(now.cells)} cells as stored'}", flush=True)
    return not wrong


def notebook(found: dict) -> nbformat.NotebookNode:
    """A notebook as the browser's model gives it; it has text in lines."""
    return nbformat.reads(json.dumps(found), as_version=4)


def difference(stored: nbformat.NotebookNode, found: nbformat.NotebookNode) -> str:
    """The first cell that is not as stored, and how; "" when there is none."""
    for cell, now in zip(stored.cells, found.cells, strict=True):
        for output in now.get("outputs", []):
            if output.output_type == "error":
                return f"cell {cell.id}: {output.ename}: {output.evalue}"
        for name in ("source", "outputs", "execution_count"):
            if cell.get(name) != now.get(name):
                return f"cell {cell.id}: {name}: stored {cell[name]!r}, now {now[name]!r}"
    return ""
