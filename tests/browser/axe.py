"""What axe-core finds on a page: faults that keep people with a screen reader, a keyboard or weak
eyes from using it. https://github.com/dequelabs/axe-core has its rules."""

import tarfile

from ..site.__main__ import packed
from .page import Page, need

AXE = (
    "axe-core@4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
# "moderate" are headings out of order, and what stands in no landmark.
FAULTS = """async () => (await axe.run()).violations
    .filter(fault => ["moderate", "serious", "critical"].includes(fault.impact))
    .map(fault => `${fault.id} (${fault.nodes.length}): ${fault.nodes[0].html.slice(0, 200)}`)"""
WIDTHS = (1280, 390)


async def faultless(page: Page) -> None:
    """Raises Broken unless the page has no fault, wide and narrow, light and dark."""
    with tarfile.open(packed(*AXE)) as archive:
        source = archive.extractfile("package/axe.min.js").read().decode()
    await page.call("Runtime.evaluate", expression=source)
    for width in WIDTHS:
        await screen(page, width)
        for scheme in ("light", "dark"):
            feature = {"name": "prefers-color-scheme", "value": scheme}
            await page.call("Emulation.setEmulatedMedia", features=[feature])
            found = await page.run(FAULTS)
            need(not found, f"axe, {scheme}, {width} wide: " + "; ".join(found))
    await page.call("Emulation.setEmulatedMedia", features=[])
    await page.call("Emulation.clearDeviceMetricsOverride")
    print("axe: no fault, wide and narrow, light and dark", flush=True)


async def screen(page: Page, width: int, height: int = 800) -> None:
    """Give the page a screen of a size, in CSS pixels."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    await page.call("Emulation.setDeviceMetricsOverride", **size)
