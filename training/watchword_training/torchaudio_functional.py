"""torchaudio's pure functions, also where its PyPI wheel (linked against CUDA) meets a CPU-only torch.

Only a few compiled operations of torchaudio need its library; none of them is used here.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any


def _import() -> Any:
    try:
        return importlib.import_module("torchaudio.functional")
    except (OSError, RuntimeError) as exc:
        reason = str(exc)
    for name in [m for m in sys.modules if m.split(".")[0] == "torchaudio"]:
        del sys.modules[name]

    def unavailable(function: Any) -> Any:
        def refuse(*args: object, **kwargs: object) -> None:
            raise RuntimeError(f"{function.__name__} needs torchaudio's compiled library: {reason}")

        return refuse

    stub = types.ModuleType("torchaudio._extension")
    stub.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        fail_if_no_align=unavailable,
    )
    sys.modules["torchaudio._extension"] = stub
    return importlib.import_module("torchaudio.functional")


_functional = _import()

melscale_fbanks = _functional.melscale_fbanks
