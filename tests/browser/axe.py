"""What axe-core finds on a page: faults that keep people with a screen reader, a keyboard or weak
eyes from using it. https://github.com/dequelabs/axe-core has its rules."""

import tarfile

from ..site.__main__ import packed
from .page import Page, need

AXE = (
    "axe-core@4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
FAULTS = """async () => (await axe.run()).violations
    .filter(fault => ["serious", "critical"].includes(fault.impact))
    .map(fault => `${fault.id} (${fault.nodes.length}): ${fault.nodes[0].html.slice(0, 200)}`)"""


async def faultless(page: Page) -> None:
    """Raises Broken unless the page has no serious fault, light and dark."""
    with tarfile.open(packed(*AXE)) as archive:
        source = archive.extractfile("package/axe.min.js").read().decode()
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await page.call("Emulation.setEmulatedMedia", features=[feature])
        await page.call("Runtime.evaluate", expression=source)
        found = await page.run(FAULTS)
        need(not found, f"axe, {scheme}: " + "; ".join(found))
    await page.call("Emulation.setEmulatedMedia", features=[])
    print("axe: no serious fault, light and dark", flush=True)
