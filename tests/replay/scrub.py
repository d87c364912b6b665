"""What is secret: keys wherever something is shown; in a recording also who and where somebody is.

A key is found as it is, percent-encoded, escaped as in JSON, in hex and in base64.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

# A pattern is a head of bounded length, and a tail that can't fail. So a search takes time in
# proportion to the text, whatever the text is. Each begins with a letter, which makes it quick.
PREFIXES = "sk rk pk ek sess gsk ghp gho ghs ghu ghr github_pat hf xoxa xoxb xoxe xoxp xoxs".split()
# Long and with a digit, anywhere: in broken JSON the `n` of a `\n` may stand before it. Or masked.
LONG = r"[-_](?:(?=[\w*-]{,99}\d)[\w*-]{20}|[\w-]{,20}\*[\w*-]{2})"
KEYS = (
    *((prefix + LONG, r"[\w*-]*") for prefix in PREFIXES),
    # At a word's start, unlike risk-management; sk-learn is too short.
    (r"s(?<![^\W_]s)k-[\w*-]{6}", r"[\w*-]*"),
    (r"AIza[\w-]{30}", r"[\w-]*"),
    (r"AKIA[A-Z\d]{16}", ""),
    (r"ASIA[A-Z\d]{16}", ""),
    (r"eyJ[\w-]{8,400}\.[\w-]{4}", r"[\w.-]*"),  # a token in three parts
)
# What is personal, by what stands for it in a recording. Of the addresses of IPv6: global, local,
# and of one link. So a time is none, nor a slice such as [1::2].
PERSONAL = {
    "org-abc123xyz789": (r"org[-_](?=[a-z]{,11}[A-Z\d])[A-Za-z\d]{12}", r"\w*"),
    "proj_abc123xyz789": (r"proj_\w{12}", r"\w*"),
    "user-abc123xyz789": (r"user-(?=[a-z]{,11}[A-Z\d])[A-Za-z\d]{12}", r"\w*"),
    "acct_abc123xyz789": (r"acct_\w{8}", r"\w*"),
    "user@example.com": (r"[\w.%+-]{1,64}@[\w-]{1,63}\.\w", r"[\w-]*(?:\.\w[\w-]*)*"),
    "192.0.2.1": (r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\d)", ""),
    "2001:db8::1": (
        r"(?i:(?<![\w:])(?:[23][\da-f]{3}|f[c-e][\da-f]{2})(?:(?::[\da-f]{1,4}){7}"
        r"|(?::[\da-f]{1,4}){,6}::(?:[\da-f]{1,4}(?::[\da-f]{1,4}){,6})?)(?![\w:]))",
        "",
    ),
}
A_KEY = "sk-..."
# What belongs to a name: a key in a query, an organization in the name of its own model.
PARAMETER = r"([?&](?:api[-_]?key|key|(?:access_)?token|secret|password|signature)=)([^&#\s\"'<>]+)"
PARAMETER = re.compile(PARAMETER, re.IGNORECASE)
TUNED = re.compile(r"(\bft:[\w.-]{1,99}:)[\w-]+", re.ASCII)

# Printable ASCII, percent-encoded (more than once, too) or escaped.
ESCAPED = re.compile(r"%(?:25)*([2-7][\da-fA-F])|(?<!\\)\\+u00([2-7][\da-fA-F])", re.ASCII)
ENCODED = re.compile(r"[\w+/-]{16,}", re.ASCII)  # may be base64
HEX = re.compile(r"[\da-fA-F]{16,}", re.ASCII)


def hidden(text: str, keys: Iterable[str] = ()) -> str:
    """A text that is shown: of `keys`, and of what looks like one, the last four characters."""
    return _without_keys(text, keys, last_four)


def last_four(key: str) -> str:
    """The end of a key, never the whole of it."""
    return f"…{key[3:][-4:]}" if key else "none"


def scrubbed(value: object, keys: Iterable[str] = ()) -> object:
    """A JSON value for a recording: no keys, organizations, projects, users, accounts, addresses.

    keys: what is one, whatever it looks like.
    """
    return everywhere(value, lambda text: _impersonal(_without_keys(text, keys, lambda _: A_KEY)))


def everywhere(value: object, change: Callable[[str], str]) -> object:
    """A JSON value with all its strings changed, names too."""
    if isinstance(value, list):
        return [everywhere(part, change) for part in value]
    if isinstance(value, dict):
        return {change(name): everywhere(part, change) for name, part in value.items()}
    return change(value) if isinstance(value, str) else value


def _impersonal(text: str) -> str:
    for instead, pattern in PERSONAL.items():
        text = _replaced(text, _compiled(pattern), lambda _, instead=instead: instead)
    return _replaced(text, TUNED, lambda found: f"{found[1]}acme")


def _without_keys(text: str, keys: Iterable[str], shown: Callable[[str], str]) -> str:
    pattern = _compiled(*KEYS, known=tuple(keys))
    text = PARAMETER.sub(lambda found: found[1] + shown(found[2]), text)
    text = _replaced(text, pattern, lambda found: shown(found[0]))
    return ENCODED.sub(lambda run: _decoded(run[0], pattern, shown), text)


@lru_cache(1000)
def _compiled(*patterns: tuple[str, str], known: tuple[str, ...] = ()) -> re.Pattern[str]:
    """One pattern of several, and of keys that are known; a very short one may be any word."""
    long = [re.escape(key) for key in known if len(key) >= (4 if key.startswith("sk-") else 8)]
    return re.compile("|".join([*long, *map("".join, patterns)]), re.ASCII)


def _replaced(text: str, pattern: re.Pattern[str], instead: Callable[[re.Match], str]) -> str:
    """A text with something instead of what matches; also where it is escaped."""
    if not ESCAPED.search(text):
        return pattern.sub(instead, text)
    plain, places, end = "", [], 0  # of each character, where it was
    for found in ESCAPED.finditer(text):
        plain += text[end : found.start()] + chr(int(found[1] or found[2], 16))
        places += range(end, found.start() + 1)
        end = found.end()
    plain += text[end:]
    places += range(end, len(text) + 1)
    spans = [(places[m.start()], places[m.end()], instead(m)) for m in pattern.finditer(plain)]
    return _put(text, spans)


def _decoded(run: str, pattern: re.Pattern[str], shown: Callable[[str], str]) -> str:
    """Letters and digits with something instead of what encodes a key."""
    spans = []
    for start, text, letters, bytes_ in _readings(run):
        for found in pattern.finditer(text):
            begin = start + found.start() * letters // bytes_
            end = min(len(run), start - (-found.end() * letters // bytes_))
            spans.append((begin, end, shown(run[begin:end])))
    return _put(run, spans)


def _readings(run: str) -> Iterator[tuple[int, str, int, int]]:
    """What letters and digits may encode: from where on, the text, so many letters to bytes."""
    for shift in range(4):
        part = run[shift:]
        yield shift, urlsafe_b64decode(part + "A" * (-len(part) % 4)).decode("latin-1"), 4, 3
    for found in HEX.finditer(run):
        for shift in range(2):
            digits = found[0][shift:]
            text = bytes.fromhex(digits[: len(digits) // 2 * 2]).decode("latin-1")
            yield found.start() + shift, text, 2, 1


def _put(text: str, spans: list[tuple[int, int, str]]) -> str:
    """A text with something else at some places."""
    parts, end = [], 0
    for begin, after, instead in sorted(spans):
        if begin >= end:
            parts += text[end:begin], instead
            end = after
    return "".join([*parts, text[end:]])
