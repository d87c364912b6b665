"""`python -m tests.browser`: what a reader sees, in a headless Chromium.

- `lab`: every notebook in JupyterLab, started with the README's first command.
- `inspector`: the page that shows the requests.
- `site`: the browser edition, built and served; every notebook in it; the sheet, also on paper.
- `readmes`: no table and no block of code is cut off on GitHub.
"""

import argparse
import asyncio
import shutil
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from . import inspector, lab, readmes, site
from .page import Broken

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
CHECKS = {module.__name__.rpartition(".")[2]: module for module in (lab, inspector, site, readmes)}
SECONDS = 600  # for one check; ending its processes takes at most 20 more


def main() -> int:
    """Returns the exit status: 0 when all is as it should be, or there is no browser."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser")
    parser.add_argument("check", nargs="?", choices=CHECKS, help="all when none is named")
    named = parser.parse_args().check
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print("Not run: no Chromium or Chrome was found.")
        return 0
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # it cleans up, too
    status = 0
    for name in [named] if named else CHECKS:
        print(f"In a browser, {name}:", flush=True)
        try:
            with TemporaryDirectory(ignore_cleanup_errors=True) as work:
                check = CHECKS[name].check(program, Path(work))
                good = asyncio.run(asyncio.wait_for(check, SECONDS))
        except TimeoutError:
            good = print(f"not ended after {SECONDS} seconds")
        except Broken as problem:
            good = print(problem)
        status = status if good else 1
    return status


if __name__ == "__main__":
    sys.exit(main())
