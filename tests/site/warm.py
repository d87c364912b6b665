"""Runs in the page's own Python, when the site is built: byte-code for what a visit imports.

It runs a notebook's cells. Then it compiles the modules that this has imported, as every visit
would have to: that takes half of the time to the first output.
"""

import json
import sys
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from importlib.util import source_hash
from pathlib import Path

import pyodide_kernel

for cell in json.loads(Path("/work/notebook.ipynb").read_text("utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        pyodide_kernel.ipython_shell.run_cell("".join(cell["source"])).raise_error()

with zipfile.ZipFile("/work/bytecode.zip", "w") as out:
    for module in list(sys.modules.values()):
        spec = getattr(module, "__spec__", None)
        if spec and spec.origin and spec.origin.endswith(".py"):
            source = spec.loader.get_data(spec.origin)
            code = compile(source, spec.origin, "exec", dont_inherit=True)
            # "unchecked": nobody changes the source there, so nobody need look at it.
            pyc = _code_to_hash_pyc(code, source_hash(source), checked=False)
            out.writestr(spec.origin.removeprefix("/"), pyc)
