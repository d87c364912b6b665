"""Made-up values, minted: of the form that the API gives them, fresh and deterministic.

The forms are recorded (24 letters and digits for the Assistants API's ids, 48 hex digits for a
conversation's, ...). A minted value depends on nothing but the serial number that it is minted
from, so the same requests in the same order get the same bytes, on every machine.
"""

import hashlib
import string

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def letters(kind: str, serial: int) -> str:
    """24 of [A-Za-z0-9], as in `thread_…`, `run_…`, `asst_…` and a thread's `msg_…` [recorded]."""
    return _spelled(_digest(kind, serial)[:24], LETTERS, 24)


def file(serial: int) -> str:
    """22 of base58, a number of 128 bits, as in `file-…` [recorded; the base: inferred]."""
    return _spelled(_digest("file", serial)[:16], BASE58, 22)[::-1]


def hexes(kind: str, serial: int, length: int) -> str:
    """`length` (at most 64) hex digits."""
    return _digest(kind, serial).hex()[:length]


def timed(kind: str, time: int, serial: int) -> str:
    """32 hex digits in the way of a UUIDv8: the time first, then 81, 9 or a, and so on [recorded].

    time: Unix seconds.
    """
    digits = hexes(kind, serial, 24)
    ninth, seventeenth = "9a"[int(digits[6], 16) % 2], "89ab"[int(digits[8], 16) % 4]
    return f"{time:08x}{digits[:4]}81{ninth}{digits[7]}{seventeenth}{digits[9:]}"


def batch(time: int, serial: int) -> str:
    """32 hex digits, the time first, as in `vsfb_ibj_…` [recorded, quoted: four]."""
    digits = timed("vsfb", time, serial)
    return f"{digits[:14]}f4{digits[16:]}"


def conversation(time: int, serial: int) -> str:
    """48 hex digits: the time first, in the end 16 that are the conversation's key [recorded]."""
    return timed("conv", time, serial) + hexes("key", serial, 16)


def item(key: str, time: int, serial: int) -> str:
    """48 hex digits, ending in the conversation's key: an item that a call put there [recorded]."""
    return timed("item", time, serial) + key


def response(key: str, time: int, serial: int, stored: bool = True) -> str:
    """50 hex digits: the conversation's key, 00, then the time first; 01 if not stored [recorded].

    For a response, what it made, and the input that it appends; one outside a conversation has a
    key of its own.
    """
    return f"{key}{'00' if stored else '01'}{timed('resp', time, serial)}"


def uuid(digits: str) -> str:
    """A UUID, as the x-request-id of a 401 is [recorded], from hex digits."""
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def _spelled(number: bytes, letters: str, length: int) -> str:
    """A number in the digits of another base, the last first."""
    rest, chars = int.from_bytes(number, "big"), []
    for _ in range(length):
        rest, index = divmod(rest, len(letters))
        chars.append(letters[index])
    return "".join(chars)


def _digest(kind: str, serial: int) -> bytes:
    return hashlib.sha256(f"{kind} {serial}".encode()).digest()
