"""What is secret: one idea of it, for what is shown and for what is recorded."""

import base64
import re

import pytest

from .replay import scrub
from .replay.scrub import hidden, last_four, scrubbed

KEY = "sk-proj-AnotherOnesKey_0123456789"
OWN = "a-password/of+mine"  # known, and of no known form
TEXTS = [  # a text; as it is shown; as it is recorded
    (f"key: {KEY}, sk-proj-***6789.", "key: …6789, …6789.", "key: sk-..., sk-...."),
    (f"x_{KEY} my{KEY}", "x_…6789 my…6789", "x_sk-... mysk-..."),
    (rf"{{broken: \n{KEY}", r"{broken: \n…6789", r"{broken: \nsk-..."),
    ("gsk_0123456789abcdefghij", "…ghij", "sk-..."),
    ("rk-0123456789abcdefghij", "…ghij", "sk-..."),
    ("sess-0123456789abcdefghij", "…ghij", "sk-..."),
    ("ek_0123456789abcdefghij ek_12***wxyz", "…ghij …wxyz", "sk-... sk-..."),
    ("xoxb-0123456789-abcdefghij", "…ghij", "sk-..."),
    ("github_pat_11ABCDEFG0abcdefghij", "…ghij", "sk-..."),
    ("ghp_0123456789abcdefghij", "…ghij", "sk-..."),
    ("AIzaSyA-1234567890abcdefghijklmnopqrstuv", "…stuv", "sk-..."),
    ("AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE", "…MPLE …MPLE", "sk-... sk-..."),
    ("eyJhbGciOiJIUzI1.eyJzdWIi.abcd", "…abcd", "sk-..."),
    (
        "/v1/x?api_key=hello123&after=2",
        "/v1/x?api_key=…o123&after=2",
        "/v1/x?api_key=sk-...&after=2",
    ),
    ("https://x/?b=1&key=hello123#c", "https://x/?b=1&key=…o123#c", "https://x/?b=1&key=sk-...#c"),
    *(
        (text, text, recorded)  # personal: published nowhere, and no secret where it was typed
        for text, recorded in [
            ("org-Abc123Def456Ghi org_2aBcDeF3gHiJkLmN", "org-abc123xyz789 org-abc123xyz789"),
            ("proj_X1Y2Z3X1Y2Z3", "proj_abc123xyz789"),
            ("user-Abc123Def456Ghi acct_1032D82eZvKY", "user-abc123xyz789 acct_abc123xyz789"),
            ("ada.l+x@mail.example.org.", "user@example.com."),
            ("連絡先はada@mail.example.orgです", "連絡先はuser@example.comです"),
            ("/v1/x?user=ada%40mail.example.org", "/v1/x?user=user@example.com"),
            ("from 203.0.113.7.", "from 192.0.2.1."),
            ("2001:DB8:85a3:0:0:8a2e:370:7334", "2001:db8::1"),
            ("fe80::1, fd00::a:b", "2001:db8::1, 2001:db8::1"),
            ("ft:gpt-4o-mini-2024-07-18:my-org:x:Ab1", "ft:gpt-4o-mini-2024-07-18:acme:x:Ab1"),
        ]
    ),
    *(
        (words, words, words)
        for words in """disk-space task-1 09:30:15 1.2.3 1.2.3.4.5 2024:11:25 risk-management
        a[1::2] sk-learn task_20240101 sessions a-b_c std::cout org-administrators
        user-administrators risk_assessment_of_the_whole_company
        thread_abc123xyz789abcdefghijkl resp_68a1c0ffee00112233445566778899aabbccddeeff
        data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk""".split()
    ),
]


@pytest.mark.parametrize(("text", "shown", "recorded"), TEXTS)
def test_what_is_secret_is_taken_out_and_nothing_else(text: str, shown: str, recorded: str):
    assert hidden(text) == shown
    assert scrubbed({text: [text, 1, None]}) == {recorded: [recorded, 1, None]}


def forms(key: str) -> dict[str, str]:
    """A key as others write it."""
    url = "".join(f"%{ord(c):02X}" for c in key)
    found = {
        "in a URL": re.sub(r"\W", lambda c: f"%{ord(c[0]):02x}", key),
        "in a URL, all": url,
        "in a URL, twice": url.replace("%", "%25"),
        "in broken JSON": re.sub(r"\W", lambda c: rf"\u{ord(c[0]):04x}", key),
        "in JSON in JSON": re.sub(r"\W", lambda c: rf"\\u{ord(c[0]):04X}", key),
        "hex": key.encode().hex(),
        "hex, behind a digit": "0" + key.encode().hex().upper(),
    }
    for before in ("", ":", "a:"):
        coded = base64.b64encode(b"\xfb\xff\xfe" + f"{before}{key}".encode()).decode()
        for letters in ("", "x", "xy", "xyz"):
            found[f"base64, {letters}, {before}"] = letters + coded
        found[f"base64url, {before}"] = coded.replace("/", "_").replace("+", "-")
    return found


@pytest.mark.parametrize("key", [KEY, OWN])
@pytest.mark.parametrize("form", forms(KEY))
def test_a_key_in_another_form_is_one(key: str, form: str):
    text = forms(key)[form]
    for told in (hidden(f"then {text} now", [OWN]), scrubbed(f"then {text} now", [OWN])):
        assert re.fullmatch("then .* now", told)
        assert len(told) < 9 + len(text) - len(key) // 2
        assert text[len(text) // 3 : 2 * len(text) // 3] not in told


def test_a_known_key_is_one_whatever_its_form_unless_it_may_be_any_word():
    keys = ("sk-anna", "a-password", "null", "sk-", "")
    assert hidden("xsk-annax a-password null sk-learn", keys) == "x…annax …word null sk-learn"


def test_of_a_key_its_end_is_told_never_all_of_it():
    assert last_four(KEY) == "…6789"
    for key in ("sk-", "sk-a", "sk-anna", "a", "abcd", "wrong"):
        assert key not in last_four(key)


def test_a_search_takes_time_in_proportion_to_the_text():
    """What may begin anywhere has an end, so that no text is looked through again and again; what
    has none stands last, and can't fail."""
    patterns = [*scrub.KEYS, *scrub.PERSONAL.values()]
    assert len(patterns) > 25
    for head, tail in patterns:
        rest = re.sub(r"\\.|\[[^\]]+\]", "x", head)  # `+` and `*` in a class repeat nothing
        assert not re.search(r"[+*]|\{\d*,\}", rest), head
        assert re.fullmatch(tail, ""), tail
        assert re.match("[A-Za-z]", head) or (head, tail) in scrub.PERSONAL.values(), head
