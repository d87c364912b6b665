"""`python -m tests.replay` in the project's folder, `python /path/to/tests/replay` in any."""

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(
        f"This needs Python 3.11 or later, and this is {sys.version.split()[0]}: make the"
        " environment anew with a later one, for example python3.12 -m venv .venv"
    )
if not __package__:  # started by its path
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.replay.command import main

sys.exit(main())
