"""The network: causal convolutions, gated recurrent layers, one output. One definition, two arithmetics.

In floating point it trains. Quantized, it computes what the exported integer graph computes: 8-bit weights and
activations with fixed scales, table look-ups for the sigmoid and the hyperbolic tangent, floors for shifts.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from watchword_training.model_specs import Convolved, NetworkSpec

LEVEL_ZERO = 128
"""Zero point of the log-mel levels."""

LEVEL_STEP = 1 / 64
"""Real value of one log-mel level."""

CEILING = 6.0
"""Upper end of the convolution's rectified output (ReLU6)."""

CONVOLUTION_STEP = CEILING / 255
HIDDEN_STEP = 1 / 128
"""Step of the hidden state as the matrix products see it; it is carried 256 times finer."""

CARRIED_STEP = 1 / 32_768
GATE_STEP = 1 / 128
"""Step of everything that enters a sigmoid or a hyperbolic tangent."""

GATE_RANGE = 8.0
TABLE_STEP = 1 / 16_384
"""Step of a sigmoid's value."""


def down(x: Tensor, step: float) -> Tensor:
    """`x` rounded down to a multiple of `step`."""
    return torch.floor(x / step) * step


def near(x: Tensor, step: float) -> Tensor:
    """`x` rounded to the nearest multiple of `step`, halves up."""
    return down(x + step / 2, step)


def gate(x: Tensor) -> Tensor:
    """What a table of `sigmoid` or `tanh` is indexed with: a multiple of the gate step inside its range."""
    return near(x, GATE_STEP).clamp(-GATE_RANGE, GATE_RANGE - GATE_STEP)


def eight_bit(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric 8-bit integers (row, column) of a matrix, and the step (row, 1) of each row."""
    step = weight.detach().abs().amax(1, keepdim=True).clamp_min(1e-8) / 127
    return torch.round(weight / step).clamp(-127, 127), step


def rounded(weight: Tensor) -> Tensor:
    """The matrix that 8-bit integers can hold."""
    integers, step = eight_bit(weight)
    return integers * step


class Convolution(nn.Module):
    """One convolution, normalised and rectified: (batch, channel, frame, band) to the same of its outputs."""

    def __init__(self, placed: Convolved, silence: float) -> None:
        super().__init__()
        spec = placed.spec
        self.past = spec.past
        self.silence = silence
        """What it reads before the start."""
        self._kernel = (spec.frames, spec.bands, placed.channels)
        self._strides = (spec.frame_stride, spec.band_stride)
        self.weight = nn.Parameter(torch.empty(spec.channels, placed.columns))
        """Matrix (channel, value under the kernel): those of a frame after those of the one before, bands likewise."""
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # as torch's own layers begin
        self.norm = nn.BatchNorm2d(spec.channels)

    def forward(self, x: Tensor) -> Tensor:
        """In floating point."""
        active: Tensor = functional.relu6(self.norm(self._product(x, self.weight)))
        return active

    def integer(self, x: Tensor) -> Tensor:
        """As the integer graph computes it."""
        matrix, bias = self.folded()
        return near(self._product(x, rounded(matrix), bias), CONVOLUTION_STEP).clamp(0, CEILING)

    def folded(self) -> tuple[Tensor, Tensor]:
        """Matrix (channel, value under the kernel) and bias with the normalisation folded in."""
        scale = self.norm.weight / torch.sqrt(_present(self.norm.running_var) + self.norm.eps)
        bias = self.norm.bias - _present(self.norm.running_mean) * scale
        return self.weight * scale[:, None], bias

    def _product(self, x: Tensor, matrix: Tensor, bias: Tensor | None = None) -> Tensor:
        kernels = matrix.view(-1, *self._kernel).permute(0, 3, 1, 2)  # channels last: faster to fit on a CPU
        return functional.conv2d(self._continued(x), kernels, bias, self._strides)

    def _continued(self, x: Tensor) -> Tensor:
        return functional.pad(x, (0, 0, self.past, 0), value=self.silence)


class Network(nn.Module):
    """Levels to one logit per step. Every output depends on the past alone."""

    def __init__(self, spec: NetworkSpec, mels: int) -> None:
        super().__init__()
        self.spec = spec
        self.mels = mels
        silences = [-LEVEL_ZERO * LEVEL_STEP, *(0.0 for _ in spec.local)]
        self.convolutions = nn.ModuleList(map(Convolution, spec.convolutions(mels), silences))
        dropout = spec.dropout if spec.layers > 1 else 0.0
        self.gru = nn.GRU(spec.channels, spec.hidden, spec.layers, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(spec.dropout)
        self.output = nn.Linear(spec.hidden, 1)
        self.quantized = False
        """Which arithmetic `forward` uses."""

    def convolution(self, index: int) -> Convolution:
        """One of the convolutions."""
        found = self.convolutions[index]
        assert isinstance(found, Convolution)  # ModuleList does not tell
        return found

    def matrices(self) -> list[nn.Parameter]:
        """The weights of the convolutions and of the recurrent layers that are matrices."""
        convolved = [self.convolution(index).weight for index in range(len(self.convolutions))]
        return convolved + [p for name, p in self.gru.named_parameters() if name.startswith("weight")]

    def _centred(self, levels: Tensor) -> Tensor:
        """Levels (batch, frame, mel) as real values (batch, 1, frame, mel)."""
        return ((levels.to(self.output.weight.dtype) - LEVEL_ZERO) * LEVEL_STEP)[:, None]

    def forward(self, levels: Tensor) -> Tensor:
        """Logits (batch, step) of log-mel levels (batch, frame, mel)."""
        return self.logits(self.hidden(levels))

    def hidden(self, levels: Tensor) -> Tensor:
        """What the last recurrent layer says (batch, step, unit) of log-mel levels (batch, frame, mel)."""
        return self._integer(levels) if self.quantized else self._floating(levels)

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits (batch, step) of what the last recurrent layer says (batch, step, unit)."""
        if self.quantized:
            return functional.linear(hidden, rounded(self.output.weight), self.output.bias).squeeze(-1)
        logits: Tensor = self.output(self.dropout(hidden)).squeeze(-1)
        return logits

    def _floating(self, levels: Tensor) -> Tensor:
        x = self._centred(levels)
        for convolution in self.convolutions:
            x = convolution(x)
        hidden: Tensor = self.gru(self.dropout(x[..., 0].transpose(1, 2)))[0]
        return hidden

    def cell(self, layer: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Input weight, hidden weight, input bias, hidden bias of a recurrent layer; rows are reset, update, new."""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        w_x, w_h, b_x, b_h = (getattr(self.gru, f"{name}_l{layer}") for name in names)
        return w_x, w_h, b_x, b_h

    def _integer(self, levels: Tensor) -> Tensor:
        x = self._centred(levels)
        for index in range(len(self.convolutions)):
            x = self.convolution(index).integer(x)
        x = x[..., 0].transpose(1, 2)
        for layer in range(self.spec.layers):
            x = self._recurrent(x, layer)
        return x

    def _recurrent(self, x: Tensor, layer: int) -> Tensor:
        w_x, w_h, b_x, b_h = self.cell(layer)
        units = self.spec.hidden
        fixed = b_x + torch.cat([b_h[: 2 * units], torch.zeros_like(b_h[2 * units :])])
        inputs = near(functional.linear(x, rounded(w_x), fixed), GATE_STEP)
        transposed, new_bias = rounded(w_h).t(), b_h[2 * units :]
        carried = x.new_zeros(len(x), units)
        seen = down(carried, HIDDEN_STEP) + HIDDEN_STEP / 2
        outputs = []
        for step in inputs.unbind(1):
            recurrent = seen @ transposed
            switches = near(torch.sigmoid(gate(step[:, : 2 * units] + recurrent[:, : 2 * units])), TABLE_STEP)
            reset, update = switches.chunk(2, 1)
            memory = near(recurrent[:, 2 * units :] + new_bias, GATE_STEP)
            new = near(torch.tanh(gate(step[:, 2 * units :] + reset * memory)), CARRIED_STEP)
            new = new.clamp(-1, 1 - CARRIED_STEP)
            carried = new + down(update * (carried - new), CARRIED_STEP)
            seen = down(carried, HIDDEN_STEP) + HIDDEN_STEP / 2
            outputs.append(seen)
        return torch.stack(outputs, 1)


def probability(logits: Tensor) -> Tensor:
    """Probabilities as the exported graph gives them."""
    return near(torch.sigmoid(gate(logits)), TABLE_STEP)


def _present(statistic: Tensor | None) -> Tensor:
    assert statistic is not None  # BatchNorm1d tracks its statistics unless told otherwise
    return statistic
