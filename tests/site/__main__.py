"""`python -m tests.site`: build the browser edition, and serve it on loopback.

It needs nothing but Python: what builds the site is installed into .site, which git ignores.
"""

import argparse
import subprocess
import sys
import venv
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import rmtree
from typing import ClassVar

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / ".site"
HOST = "127.0.0.1"
PORT = 8766


class Handler(SimpleHTTPRequestHandler):
    """Static files. Their types are given here: Windows lets any program change its own list."""

    protocol_version = "HTTP/1.1"
    extensions_map: ClassVar[dict[str, str]] = {
        "": "application/octet-stream",
        ".css": "text/css",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".js": "text/javascript",
        ".json": "application/json",
        ".mjs": "text/javascript",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".wasm": "application/wasm",
    }

    def log_message(self, *_: object) -> None:
        """Say nothing: a visit is 150 requests."""


class Server(ThreadingHTTPServer):
    """Says nothing when a browser goes away before it has all."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def say(line: str) -> None:
    print(line, flush=True)


def build(site: Path) -> None:
    """Build the site into a folder. Raises SystemExit, with a sentence, when it can't."""
    if site.exists() and any(site.iterdir()) and not (site / "jupyter-lite.json").is_file():
        raise SystemExit(f"{site} has files that are not a site's. Name another folder.")
    try:
        python = tools()
        subprocess.run([python, "-m", "tests.site.build", WORK, site], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"Not built: see above. (Failed: {Path(error.cmd[0]).name})") from None


def tools() -> Path:
    """The interpreter of the environment that builds, made when its requirements have changed."""
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    folder = WORK / "env"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        say("Installing what builds the site, once (110 MB, from PyPI) ...")
        rmtree(folder, ignore_errors=True)
        try:
            venv.create(folder, with_pip=True)
        except subprocess.CalledProcessError:
            raise SystemExit(
                "Python's venv is incomplete. Debian: apt install python3-venv"
            ) from None
        install = "-m pip install --quiet --disable-pip-version-check -r".split()
        subprocess.run([python, *install, HERE / "requirements.txt"], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.site", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "--build", metavar="DIR", type=Path, help="build into DIR, and do not serve"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, help=f"default {PORT}; 0 takes a free one"
    )
    options = parser.parse_args()
    if options.build:
        return build(options.build.resolve())
    site = WORK / "site"
    try:
        serving = Server((HOST, options.port), partial(Handler, directory=str(site)))
    except OSError as error:
        raise SystemExit(
            f"Can't serve on port {options.port}: {error.strerror}. Take another with --port."
        ) from None
    build(site)
    say(f"Open http://{HOST}:{serving.server_port}/ in a browser. Ctrl-C stops.")
    try:
        serving.serve_forever()
    except KeyboardInterrupt:
        say("")


if __name__ == "__main__":
    main()
