"""Made-up values, minted: of the form that the API gives them, fresh and deterministic.

The forms are recorded (24 letters and digits for the Assistants API's ids, 48 hex digits for a
conversation's, ...). A minted value depends on nothing but the serial number that it is minted
from, so the same requests in the same order get the same bytes, on every machine.
"""

import hashlib
import string

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits


def letters(kind: str, serial: int) -> str:
    """24 of [A-Za-z0-9], as in `thread_…`, `run_…`, `asst_…` and a thread's `msg_…` [recorded]."""
    number = int.from_bytes(_digest(kind, serial)[:24], "big")
    chars = []
    for _ in range(24):
        number, index = divmod(number, len(LETTERS))
        chars.append(LETTERS[index])
    return "".join(chars)


def hexes(kind: str, serial: int, length: int) -> str:
    """`length` (at most 64) hex digits."""
    return _digest(kind, serial).hex()[:length]


def uuid(kind: str, serial: int) -> str:
    """A UUID, as the x-request-id of a 401 is [recorded]."""
    digits = hexes(kind, serial, 32)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _digest(kind: str, serial: int) -> bytes:
    return hashlib.sha256(f"{kind} {serial}".encode()).digest()
