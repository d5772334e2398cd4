"""The ONNX session: PCM and state in, probabilities and state out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from watchword.bundle import Bundle
from watchword.errors import BundleError

Pcm = npt.NDArray[np.int16]
Probabilities = npt.NDArray[np.float32]
State = dict[str, npt.NDArray[Any]]
"""The model's own memory by name; opaque to everybody else."""

_DTYPES = {"tensor(int16)": np.int16, "tensor(uint8)": np.uint8}


class Network:
    """The model of one bundle. It holds no state: the same object serves any number of streams."""

    def __init__(self, bundle: Bundle) -> None:
        import onnxruntime  # most of the memory: a compiled detector does without

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(bundle.model, options, providers=["CPUExecutionProvider"])
        except Exception as exc:  # onnxruntime's own errors share no public base
            reason = str(exc).splitlines()[0]
            raise BundleError(f"{bundle.folder}: ONNX Runtime refuses the model ({reason}); export it again") from exc
        inputs = {i.name: i for i in self._session.get_inputs()}
        outputs = [o.name for o in self._session.get_outputs()]
        self._states = {n: (i.shape[1:], _DTYPES.get(i.type)) for n, i in inputs.items() if n != "pcm"}
        expected = ["probability", *(f"next_{n}" for n in self._states)]
        pcm_type = inputs["pcm"].type if "pcm" in inputs else None
        kinds_fit = pcm_type == "tensor(int16)" and all(i.type in _DTYPES for i in inputs.values())
        if not kinds_fit or outputs != expected:
            raise BundleError(
                f"{bundle.folder}: the model takes {', '.join(inputs)} and gives {', '.join(outputs)}; "
                "expected int16 pcm and states, probability and next states"
            )
        self.samples_per_step = bundle.manifest.samples_per_step

    def initial_state(self, batch: int = 1) -> State:
        """The state before the first sample of `batch` streams: digital silence for ever."""
        return {name: np.zeros((batch, *shape), dtype) for name, (shape, dtype) in self._states.items()}

    def step(self, pcm: Pcm, state: State) -> tuple[Probabilities, State]:
        """
        Run (batch, n * samples_per_step) samples; gives (batch, n) probabilities and the next state.

        Any n and any batch give the same bits.
        """
        check_steps(pcm, self.samples_per_step)
        probability, *following = self._session.run(None, {"pcm": pcm, **state})
        return probability, dict(zip(self._states, following, strict=True))


def check_steps(pcm: Pcm, samples_per_step: int) -> None:
    """ValueError when `pcm` is not int16 (batch, n * samples_per_step) with n > 0."""
    if pcm.dtype != np.int16 or pcm.ndim != 2 or pcm.shape[1] == 0 or pcm.shape[1] % samples_per_step:
        raise ValueError(f"expected int16 (batch, n * {samples_per_step}) with n > 0, got {pcm.dtype} {pcm.shape}")
