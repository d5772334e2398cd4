"""The front end as graph: what `frontend` computes in torch, from int16 PCM to levels."""

from __future__ import annotations

import math

import numpy as np

from watchword_training.frontend import INT16_SCALE, LEVELS, Frontend
from watchword_training.graph import DOUBLE, UINT8, Graph, integer, real, spans


def frontend_levels(g: Graph, frontend: Frontend) -> str:
    """
    Levels (batch, frame, mel). The Fourier transform is a product with a basis that the graph itself generates.

    A Hann window is even around its middle, so cosines need only the sum, sines only the difference,
    of the two samples at each distance from there.
    """
    spec, half = frontend.spec, frontend.spec.window // 2
    audio = g.op("Concat", "past", "pcm", axis=1)
    g.op("Slice", audio, integer([-spec.carry]), integer([2**31]), integer([1]), name="next_past")
    samples = g.op("Gather", g.op("Shape", "pcm"), integer(1))
    count = g.op("Div", samples, integer(spec.hop))
    doubles = g.cast(audio, DOUBLE)
    after = g.op("Gather", doubles, spans(g, count, spec.hop, half + np.arange(half)), axis=1)
    before = g.op("Gather", doubles, spans(g, count, spec.hop, half - np.arange(half)), axis=1)

    bank = frontend.bank.numpy()
    used = np.flatnonzero(bank.any(1))
    first, last = int(used[0]), int(used[-1]) + 1
    distances = g.op("Range", integer(0), integer(half), integer(1))
    bins = g.op("Range", integer(first), integer(last), integer(1))
    turns = g.op("Mul", g.op("Unsqueeze", distances, integer([1])), g.op("Unsqueeze", bins, integer([0])))
    turns = g.op("Mod", turns, integer(spec.window))
    angles = g.op("Mul", g.cast(turns, DOUBLE), real(2 * np.pi / spec.window))
    window = frontend.window.numpy()[half:, None] / INT16_SCALE
    window[0] /= 2
    real_part = g.op("MatMul", g.op("Add", after, before), g.op("Mul", g.op("Cos", angles), real(window)))
    imaginary = g.op("MatMul", g.op("Sub", after, before), g.op("Mul", g.op("Sin", angles), real(window)))
    power = g.op("Add", g.op("Mul", real_part, real_part), g.op("Mul", imaginary, imaginary))

    stored = g.constant(bank[first:last].astype(np.float32), "mel_bank")
    mel = g.op("MatMul", power, g.cast(stored, DOUBLE))
    logarithm = g.op("Log", g.op("Max", mel, real(math.exp(spec.floor))))
    scale = (LEVELS - 1) / (spec.ceiling - spec.floor)
    scaled = g.op("Add", g.op("Mul", g.op("Sub", logarithm, real(spec.floor)), real(scale)), real(0.5))
    return g.cast(g.op("Clip", scaled, real(0.0), real(LEVELS - 1.0)), UINT8, "levels")
