"""The notebooks as files, and the environment that they run in."""

import json
import os
import re
import subprocess
from contextlib import suppress
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))
JAPANESE = sorted((FOLDER / "ja").glob("*.ipynb"))  # of the same names
# Where a text that is made stands in a README.
PLACE = re.compile(r"(<!-- made by tests.refresh: (\w+) -->\n)(.*?)(<!-- end -->)", re.S)


def anchor(heading: str) -> str:
    """The id that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-")


def key_of(notebook: str) -> str:
    """The API key that a notebook runs with here: one of its own, so that it starts fresh."""
    return f"sk-replay-{notebook}"


def surroundings() -> dict[str, str]:
    """This process's environment without the user's settings: of the SDK, of .env, of a proxy.

    Nor is the machine's encoding in it: what is printed is UTF-8.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENAI_", "PYTHON_DOTENV_"))
        and not name.lower().endswith("_proxy")
    }
    # Without a variable, macOS and Windows look for a proxy in the system's settings.
    return kept | {"NO_PROXY": "127.0.0.1", "PYTHONIOENCODING": "utf-8"}


def environment(notebook: str, base_url: str | None, key: str | None = None) -> dict[str, str]:
    """`surroundings`, pointed at the server, with a key or else the notebook's own.

    Without a base URL nothing is set: then .env has its say.
    """
    if base_url is None:
        return surroundings()
    return surroundings() | {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": key or key_of(notebook),
        "PYTHON_DOTENV_DISABLED": "1",
    }


def plain(text: str) -> dict:
    """A notebook's content without what JupyterLab fills in when it opens and saves one."""
    content = json.loads(text)
    content["metadata"] = content["nbformat_minor"] = None
    for cell in content["cells"]:
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k == "tags"}
        for place in (cell, *cell.get("outputs", ())):
            for name in ("source", "text"):
                if name in place:  # a string, or a list of lines
                    place[name] = "".join(place[name])
    return content


def text_of(path: Path) -> str:
    """A page's Markdown: of a notebook, its text cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")


def committed(path: Path) -> str:
    """A notebook's committed text; where there is no git, its text."""
    command = ["git", "show", f"HEAD:./{path.name}"]
    with suppress(OSError, subprocess.CalledProcessError):
        done = subprocess.run(command, cwd=path.parent, capture_output=True, check=True)
        return done.stdout.decode()
    return path.read_text(encoding="utf-8")


def changed() -> list[str]:
    """The notebooks that are not as committed, by more than opening and saving."""
    return [
        path.relative_to(FOLDER).as_posix()
        for path in [*PATHS, *JAPANESE]
        if plain(committed(path)) != plain(path.read_text(encoding="utf-8"))
    ]
