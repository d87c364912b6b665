"""The SDK's parameter types, without the SDK: loading all of it takes half a second and 40 MB.

Its modules are read under another name, `_sdk`, whose packages are empty: so each brings only the
modules that it names itself. The three modules of the SDK's machinery that they name are stand-ins.
"""

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

NAME = "_sdk"
STAND_INS = {
    "_types": {"SequenceNotStr": Sequence, "FileTypes": object, "Base64FileInput": object},
    "_models": {"BaseModel": object},
    "_utils": {"PropertyInfo": lambda **_: None},
}


class _EmptyPackages(MetaPathFinder):
    """Finds `_sdk` and the packages in it, as folders without their `__init__`."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        first, *parts = name.split(".")
        if first != NAME or not (folder := Path(_folder(), *parts)).is_dir():
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec


@cache
def sdk_type(module: str, name: str) -> type:
    """A parameter type by its module below `openai.types`, such as `beta.thread_create_params`."""
    if NAME not in sys.modules:
        sys.meta_path.insert(0, _EmptyPackages())
        for part, content in STAND_INS.items():
            sys.modules[f"{NAME}.{part}"] = ModuleType(part)
            vars(sys.modules[f"{NAME}.{part}"]).update(content)
    return getattr(importlib.import_module(f"{NAME}.types.{module}"), name)


@cache
def _folder() -> Path:
    spec = importlib.util.find_spec("openai")
    return Path(spec.origin).parent
