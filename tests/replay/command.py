"""The command: `python -m tests.replay [OPTIONS] [COMMAND...]`."""

import argparse
import gc
import os
import secrets
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import TextIO

from . import recordings
from .api import Replay
from .exchange import Answer, Request
from .inspector import Inspector
from .now import instead
from .report import Report
from .resources.seeds import check_body
from .scrub import hidden
from .server import HOST, PORT, serving
from .taught import Taught

KEY = "sk-replay-any-key-will-do"
LOG_PAUSE = 0.02  # seconds
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
# Sent to this process alone, these must end what it started, too.
ENDING = ("SIGTERM", "SIGHUP", "SIGQUIT")


def main(argv: list[str] | None = None, from_anywhere: bool = False) -> int:
    """Serve, or run a command beside the server; returns the exit status.

    from_anywhere: started by its path, in another project's folder: that one's programs come first.
    """
    options = parser().parse_args(argv)
    options.from_anywhere = from_anywhere
    if options.command[:1] == ["--"]:
        del options.command[0]
    if options.report and options.today:
        return complain("--report needs the answers of the old API: leave --today out.")
    try:
        taught = Taught(options.replies, check_body, tell) if options.replies else None
        replay = Replay(recordings.load(), today=options.today, taught=taught)
        if options.live or options.upstream:
            app = live(replay, options.upstream)
        else:
            app = Inspector(replay, replay)
            warn_of_settings()
    except recordings.BrokenRecording as error:
        return complain(f"A recording can't be used. {error}")
    except ValueError as error:
        return complain(str(error))
    report = Report(taught) if options.report else None
    if report:
        replay.observers.append(report)
    gc.freeze()  # what is loaded stays: no need to look through it for cycles, again and again
    gc.set_threshold(10_000)
    status = (run if options.command else serve)(app, replay, options)
    if report:
        try:
            report.write(options.report)
            tell(f"{options.report}: {report.summary()}")
        except OSError as error:
            return complain(f"{options.report} can't be written: {error.strerror}.", status or 1)
    return status


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.replay",
        description="Answer the OpenAI API from recordings, on loopback. With a COMMAND, run it"
        " with OPENAI_BASE_URL and OPENAI_API_KEY set, and stop when it ends.",
    )
    parser.add_argument(
        "--port",
        type=port,
        help=f"port to serve on (default {PORT}, with a COMMAND a free one; 0: a free one)",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="Threads from the recordings; Conversations and Responses from the real API, with the"
        " real key from the environment or .env",
    )
    parser.add_argument(
        "--today",
        action="store_true",
        help="answer as the API does since 26 August 2026: 404 to all of Threads and Assistants",
    )
    parser.add_argument(
        "--replies", metavar="FILE", type=Path, help="objects and replies of your own, as JSON"
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        type=Path,
        help="at the end, write each call of the old API as it is written now, in Markdown",
    )
    parser.add_argument("--upstream", metavar="URL", help="the real API's base URL; implies --live")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    return parser


def port(text: str) -> int:
    """A port as given."""
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text} is no port: it takes a number from 0 to 65535")
    return int(text)


def live(replay: Replay, upstream: str | None) -> Inspector:
    """`replay` with the real API for the living half, under a key of this session's own.

    Raises ValueError, in a sentence, without a usable real key or upstream.
    """
    from .live import UPSTREAM, Live

    replay.session_key = f"sk-replay-{secrets.token_hex(16)}"
    key = real_key()
    return Inspector(Live(replay, key, upstream or UPSTREAM), replay, key)


def settings() -> tuple[dict[str, str | None], str]:
    """What .env sets, and which file it is. Raises ValueError, in a sentence."""
    from dotenv import dotenv_values, find_dotenv

    file = find_dotenv(usecwd=True)
    try:
        text = Path(file).read_text(encoding="utf-8") if file else ""
        if "\0" in text:  # UTF-16 without its mark
            raise UnicodeError
    except UnicodeError:
        raise ValueError(f"{file} is no UTF-8 text. Save it as UTF-8.") from None
    except OSError as error:
        raise ValueError(f"{file} can't be read: {error.strerror}.") from None
    found = dotenv_values(stream=StringIO(text))
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY"):
        if not (found.get(name) or "").isascii():
            raise ValueError(
                f"{file}: {name} has a letter that is not ASCII, such as a curly quote. Write the"
                " value without quotes."
            )
    return found, file


def warn_of_settings() -> None:
    """Say what is wrong with .env: the programs that read it break with less clear words."""
    try:
        settings()
    except ValueError as error:
        say(str(error), sys.stderr)


def real_key() -> str:
    """The key for the real API, from the environment or else from .env. Raises ValueError."""
    found, file = settings()
    for values, where in ((os.environ, "the environment"), (found, file)):
        key = (values.get("OPENAI_API_KEY") or "").strip()
        if key and not key.startswith("sk-replay-"):
            say(f"The real key is the one in {where}.", sys.stderr)
            return key
    raise ValueError(
        "Live needs your own OpenAI key: set OPENAI_API_KEY in the environment, or in .env."
        " Without one, leave --live out: the recordings answer."
    )


def serve(app: Inspector, replay: Replay, options: argparse.Namespace) -> int:
    """Serve until Ctrl-C; one line on stderr a request."""
    number = PORT if options.port is None else options.port
    stop = threading.Event()
    for name in ("SIGINT", *ENDING):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    log = Log()
    replay.observers.append(log)
    try:
        with serving(app, number) as url:
            say("Answering on loopback; Ctrl-C stops. Put these lines into .env:")
            say(f"OPENAI_BASE_URL={url}\nOPENAI_API_KEY={key_of(replay)}")
            if behind_a_proxy():
                say(f"NO_PROXY={HOST},localhost")
            say(f"See the requests: {app.address(url)}")
            while not stop.wait(0.2):
                pass
    except OSError as error:
        return complain(
            f"Can't serve on port {number}: {error.strerror}. --port 0 takes a free one."
        )
    log.flush()
    return 0


def run(app: Inspector, replay: Replay, options: argparse.Namespace) -> int:
    """Run a command beside the server and pass its exit status through."""
    places = [sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]
    path = os.pathsep.join(reversed(places) if options.from_anywhere else places)
    program = shutil.which(options.command[0], path=path)
    if program is None:
        name = options.command[0]
        hint = f". Did you mean python {name}?" if name.endswith(".py") else ""
        return complain(f"Command not found: {name}{hint}", 127)
    with ExitStack() as stack:
        try:
            try:
                url = stack.enter_context(serving(app, options.port or 0))
            except OSError:  # a taken port is no reason not to run the command
                url = stack.enter_context(serving(app))
        except OSError as error:
            return complain(f"Can't serve on {HOST}: {error.strerror}.")
        whom = "the recordings; Conversations by the real API" if replay.session_key else ""
        say(f"Answered by {whom or 'the recordings'}, at {url}.", sys.stderr)
        say(f"See the requests: {app.address(url)}", sys.stderr)
        twice = "; JupyterLab wants it twice" if "jupyter" in options.command[0] else ""
        say(f"To stop: Ctrl-C here{twice}.", sys.stderr)
        command = [program, *options.command[1:]]
        try:
            return ran(command, environment(path, url, key_of(replay)))
        except OSError as error:
            return complain(f"Can't run {program}: {error.strerror}", 126)


def environment(path: str, url: str, key: str) -> dict[str, str]:
    """The command's environment: pointed at the server, with no proxy in between.

    A SOCKS proxy is left out: beside one the SDK makes no client at all, but with `socksio`.
    """
    kept = dict(os.environ)
    if not find_spec("socksio"):
        kept = {n: v for n, v in kept.items() if not (n.lower() in PROXIES and v[:5] == "socks")}
    for name in ("NO_PROXY", "no_proxy"):
        kept[name] = ",".join(filter(None, (kept.get(name), HOST, "localhost")))
    return kept | {"PATH": path, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": key}


def behind_a_proxy() -> bool:
    """Whether a client would ask a proxy for what is served here."""
    from urllib.request import getproxies, proxy_bypass

    return bool(getproxies().keys() & {"http", "all"}) and not proxy_bypass(HOST)


def key_of(replay: Replay) -> str:
    """The key that a client sends here. A live session's is its own, as it spends real money."""
    return replay.session_key or KEY


def ran(command: list[str], env: dict[str, str]) -> int:
    """Run a command to its end; its exit status, as a shell gives it. Raises OSError.

    Ctrl-C reaches it too, as it shares the terminal: it decides when to end. What reaches only this
    process is passed on, also where it came before the command was there.
    """
    child: subprocess.Popen | None = None
    early: list[int] = []

    def pass_on(number: int, _: object) -> None:
        if child is None:
            early.append(number)
        else:
            child.terminate()

    signal.signal(signal.SIGINT, lambda *_: None)
    for name in ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), pass_on)
    child = subprocess.Popen(command, env=env)
    if early:
        child.terminate()
    status = child.wait()
    return status if status >= 0 else 128 - status


class Log:
    """Lines on stderr, one a request, written by a thread of its own, some at a time.

    So a full disk, or a pipe that nobody reads, holds up no answer: of what finds no room, the
    oldest lines are dropped.
    """

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=1000)
        threading.Thread(target=self._write, daemon=True).start()

    def __call__(self, request: Request, answer: Answer) -> None:
        """What was asked, the status, who answered, and why it was computed; of a call of the old
        API, which one replaces it."""
        why = "; ".join(filter(None, (answer.why, *answer.remarks)))
        now = instead(request.method, request.path) if answer.status == 200 else ""
        line = f"{request.method} {request.target} {answer.status} {answer.who}"
        line += (f" ({why})" if why else "") + (f" now: {now}" if now else "")
        if answer.status >= 400 or "?" in request.target:  # else its path names what is there
            line = hidden(line, (request.key,)).replace("…", "...")
        self.lines.append(f"{printable(line)}\n")

    def flush(self, seconds: float = 0.5) -> None:
        """Wait until all is written, but not for ever."""
        end = time.monotonic() + seconds
        while self.lines and time.monotonic() < end:
            time.sleep(LOG_PAUSE)
        time.sleep(LOG_PAUSE)  # the last lines are on their way

    def _write(self) -> None:
        while True:
            time.sleep(LOG_PAUSE)
            some = "".join(self.lines.popleft() for _ in range(len(self.lines)))
            with suppress(OSError):
                os.write(2, some.encode())


def printable(text: str) -> str:
    """Text as ASCII that does nothing to a terminal."""
    if text.isascii() and text.isprintable():
        return text
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return text.encode("ascii", "backslashreplace").decode()


def tell(line: str) -> None:
    """One line on stderr."""
    say(line, sys.stderr)


def say(line: str, to: TextIO | None = None) -> None:
    """Print a line. Nobody there to read it is no reason to stop serving."""
    with suppress(OSError):
        print(line, file=to or sys.stdout, flush=True)


def complain(message: str, status: int = 1) -> int:
    """One line on stderr."""
    tell(message)
    return status
