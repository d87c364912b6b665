"""The notebooks as files, and the environment that they run in."""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PATHS = sorted(FOLDER.glob("*.ipynb"))


def key_of(notebook: str) -> str:
    """The API key that a notebook runs with here: one of its own, so that it begins afresh."""
    return f"sk-replay-{notebook}"


def environment(notebook: str, base_url: str | None) -> dict[str, str]:
    """This process's environment, pointed at the fixture with the notebook's own key.

    Nothing else of the OpenAI SDK's settings is left in it, and neither a .env nor a proxy has a
    say. Without a base URL nothing is set: then .env has its say.
    """
    ours = ("OPENAI_", "PYTHON_DOTENV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    if base_url is None:
        return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return kept | {
        "OPENAI_BASE_URL": base_url,
        "OPENAI_API_KEY": key_of(notebook),
        "PYTHON_DOTENV_DISABLED": "1",
        "PYTHONIOENCODING": "utf-8",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
