"""`python -m tests.replay` in the project's folder, `python /path/to/tests/replay` in any."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"This needs Python 3.11 or later, and this is {sys.version.split()[0]}. Make the"
        " environment again with a later one (python3.12 -m venv --clear .venv), then install again"
        " (.venv/bin/pip install -r requirements.txt)."
    )
if not __package__:  # started by its path
    sys.path[0] = str(Path(__file__).resolve().parents[2])

try:
    from tests.replay.command import main
except ImportError as error:
    if (error.name or "").startswith("tests"):
        raise
    sys.exit(
        f"{error}. This Python, {sys.executable}, lacks a package of requirements.txt. Use the one"
        " in .venv, or install: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
    )

sys.exit(main(from_anywhere=not __package__))
