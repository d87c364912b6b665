"""`python -m tests.replay` in the project's folder, `python /path/to/tests/replay` in any."""

import sys
from pathlib import Path

if not __package__:  # started by its path
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.replay.command import main

sys.exit(main())
