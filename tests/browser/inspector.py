"""The page that shows the requests, in a headless Chromium: it follows, and runs nothing it shows.

The server runs as the README starts it, and the SDK asks it.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from openai import NotFoundError, OpenAI

from .axe import faultless
from .page import Broken, Page, browser, own, started

HOSTILE = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"
# What the scripts use: what is seen of the page.
HELP = """
const shown = selector => [...document.querySelectorAll(selector)].filter(e => e.offsetParent);
const until = async (wanted, what) => {
    for (let n = 0; n < 100; n++) { if (await wanted()) return; await sleep(0.05); }
    throw new Error(`Not seen: ${what}`);
};
const untouched = async () => {
    await sleep(0.2);
    if (document.querySelector("img, main script")) throw new Error("A message was parsed.");
    if (document.title !== "Requests") throw new Error("A message was run.");
};
const folds = name => shown("summary").filter(e => e.textContent.includes(name));
"""


async def check(program: str, work: Path) -> bool:
    """Whether the page shows what was asked, as it comes, and nothing of it is run."""
    command = [sys.executable, "-m", "tests.replay", "--port", "0"]
    says = r"http://127\.0\.0\.1:\d+/"
    async with (
        started(command, work / "server.log", says, own(work)) as url,
        browser(program, work, helpers=HELP) as page,
    ):
        clients = [
            OpenAI(base_url=f"{url}v1", api_key=f"sk-{name}")
            for name in ("lesson-anna", "lesson-bert")
        ]
        await page.go(url)
        for step in (follows, unfolds, owns, filters, readable, bounds, narrow):
            await step(page, *clients)
            print(f"{step.__name__}: {step.__doc__}", flush=True)
    return True


async def asked(call, *arguments: object, **options: object) -> object:
    """A call of the SDK; meanwhile the page goes on."""
    return await asyncio.to_thread(call, *arguments, **options)


async def follows(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """a request is there by itself, without a reload"""
    await page.run("() => until(() => shown('#none').length, 'no request yet')")
    message = {"role": "user", "content": HOSTILE}
    await asked(anna.beta.threads.create, messages=[message])
    script = """async () => {
        await until(() => shown("li").length === 1, "one row");
        return shown("li")[0].innerText.replace(/\\s+/g, " ");
    }"""
    row = await page.run(script)
    if "…anna POST /v1/threads 200 computed: recorded with another body" not in row:
        raise Broken(f"the row says {row}")


async def unfolds(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """a click shows both bodies, and the call as it is now; a script in one is text"""
    script = """async hostile => {
        shown("li button")[0].click();
        await until(() => shown("pre").length === 3, "two bodies, and a call");
        const texts = shown("pre").map(e => e.textContent);
        if (!texts[0].includes(JSON.stringify(hostile))) throw new Error("not the message");
        if (!texts[1].includes('"object": "thread"')) throw new Error("not the answer");
        if (!texts[2].includes("client.conversations.create")) throw new Error("not the call");
        await untouched();
    }"""
    await page.run(script, HOSTILE)


async def owns(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """what a key owns is there, and changes with the next request"""
    script = """async hostile => {
        await until(() => folds("1 message,").length, "the thread");
        folds("1 message,")[0].click();
        await until(() => folds("user: ").length, "its message");
        if (!folds(hostile).length) throw new Error("the message is not as sent");
        await untouched();
    }"""
    await page.run(script, HOSTILE)
    thread = (await asked(anna.beta.threads.create)).id
    await asked(anna.beta.threads.messages.create, thread, role="user", content="And now?")
    script = """async id => {
        await until(() => folds(id).some(e => e.textContent.includes("1 message,")), "the new one");
        await until(() => folds("user: ").length, "the message of the first, still unfolded");
    }"""
    await page.run(script, thread)


async def filters(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """one key's requests and objects only"""
    with suppress(NotFoundError):
        await asked(bert.conversations.retrieve, "conv_x")
    script = """async () => {
        await until(() => shown("li").length === 4, "four rows");
        const key = document.querySelector("#key");
        const choose = text => {
            key.value = [...key.options].find(option => option.textContent === text).value;
            key.dispatchEvent(new Event("change"));
        };
        choose("…bert");
        await until(() => shown("li").length === 1, "one row");
        await until(() => shown("#objects")[0].innerText.includes("Nothing."), "nothing");
        choose("…anna");
        await until(() => shown("li").length === 3, "three rows");
        await until(() => folds("thread_").length === 2, "two threads");
        choose("all");
        await until(() => shown("#objects")[0].innerText.includes("Choose a key"), "a hint");
    }"""
    await page.run(script)


async def readable(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """with a screen reader, a keyboard, weak eyes; in a low window, where a body scrolls"""
    size = {"width": 1400, "height": 300, "deviceScaleFactor": 1, "mobile": False}
    await page.call("Emulation.setDeviceMetricsOverride", **size)
    await faultless(page)
    await page.call("Emulation.clearDeviceMetricsOverride")


async def bounds(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """of 1,000 requests the last 500, the newest in sight"""
    for _ in range(1000):
        await asked(anna.models.retrieve, "gpt-5.4")
    script = """async () => {
        const numbers = () => shown("li").length;
        await until(() => numbers() === 500, "500 rows");
        const last = () => shown("li").at(-1).getBoundingClientRect();
        await until(() => last().bottom <= innerHeight && last().top > 0, "the newest");
        document.querySelector("#requests").scrollTop = 0;
        await sleep(0.1);
    }"""
    await page.run(script)
    await asked(anna.models.retrieve, "gpt-5.4")
    script = """async () => {
        await until(() => shown("#newest").length, "the button");
        const moved = document.querySelector("#requests").scrollTop > 50;
        if (moved) throw new Error("The place is lost.");
        shown("#newest")[0].click();
        await until(() => !shown("#newest").length, "the end");
    }"""
    await page.run(script)


async def narrow(page: Page, anna: OpenAI, bert: OpenAI) -> None:
    """on a phone nothing is cut off at the side"""
    size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    await page.call("Emulation.setDeviceMetricsOverride", **size)
    script = """async () => {
        for (const name of ["objects", "requests"]) {
            document.querySelector(`#to-${name}`).click();
            await until(() => shown(`#${name}`).length && shown("section").length === 1, name);
            for (const part of [document.documentElement, document.querySelector(`#${name}`)])
                if (part.scrollWidth > part.clientWidth) throw new Error(`Cut off: ${name}`);
        }
    }"""
    await page.run(script)
