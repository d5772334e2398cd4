"""A training recipe: everything that decides a bundle, in one frozen tree read from TOML."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

from watchword.audio import SAMPLE_RATE as SAMPLE_RATE
from watchword.errors import RecipeError
from watchword_training.data_specs import ChannelSpec, ClipSpec, VoiceSpec
from watchword_training.model_specs import FeatureSpec, FitSpec, NetworkSpec, TeacherSpec, TriggerSpec

EMBEDDING_HOP = 1_280
"""Samples between two speech embeddings (80 ms)."""

MOST_INPUTS = 1_032
"""Inputs under the convolution, at most: products of 8-bit numbers then sum to less than 2**24."""

FEWEST_CLIPS = 40
"""Clips of each split, at least: fewer may hold no word at all."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """The whole recipe of one word."""

    word: str = "activate"
    """What to listen for; several words make a phrase."""

    seed: int = 0
    """Of every random draw in mixing and fitting; `voices.seed` is that of the script."""

    voices: VoiceSpec = field(default_factory=VoiceSpec)
    clips: ClipSpec = field(default_factory=ClipSpec)
    channel: ChannelSpec = field(default_factory=ChannelSpec)
    features: FeatureSpec = field(default_factory=FeatureSpec)
    network: NetworkSpec = field(default_factory=NetworkSpec)
    teacher: TeacherSpec = field(default_factory=TeacherSpec)
    fit: FitSpec = field(default_factory=FitSpec)
    trigger: TriggerSpec = field(default_factory=TriggerSpec)

    def __post_init__(self) -> None:
        network, features, voices, clips, fit = self.network, self.features, self.voices, self.clips, self.fit
        teacher = self.teacher
        for wrong, said in (
            (self.word != self.word.lower(), f"word is {self.word!r}; write it in lower case"),
            (self.seed < 0, f"seed is {self.seed}; expected 0 or more"),
            *_wrong_convolutions(network, features.mels),
            (
                features.window % 2 or features.window <= features.hop,
                f"features.window is {features.window}; expected an even number above features.hop",
            ),
            (
                voices.min_speed > voices.max_speed or clips.min_snr > clips.max_snr,
                "a minimum lies above its maximum; see voices.*_speed and clips.*_snr",
            ),
            (not 0 <= clips.silent_positives < 1, "clips.silent_positives must be from 0 to below 1"),
            (min(clips.train, clips.validation) < FEWEST_CLIPS, f"clips must be at least {FEWEST_CLIPS} of each split"),
            (min(fit.fits, fit.steps, fit.batch) < 1, "fit.fits, steps and batch start at 1"),
            (
                min(teacher.steps, teacher.batch, teacher.hidden) < 1 or not 0 <= teacher.dropout < 1,
                "teacher.steps, batch and hidden start at 1, teacher.dropout is from 0 to below 1",
            ),
            (
                min(fit.batch, teacher.batch) < 1 + (clips.mined > 0) + (clips.recorded > 0),
                "fit.batch or teacher.batch lacks room for a clip of each kind: train, mined and recorded",
            ),
            (
                min(fit.imitation, fit.distillation, fit.matching, fit.tracking) < 0,
                "fit.imitation, distillation, matching and tracking start at 0",
            ),
            (not 0 <= fit.overlay <= 1, f"fit.overlay is {fit.overlay}; expected 0 to 1"),
            (min(fit.gain, fit.colour) < 0, "fit.gain and fit.colour start at 0"),
            (not 0 <= clips.brief <= 1, f"clips.brief is {clips.brief}; expected 0 to 1"),
            (not 0 <= clips.paused <= 1, f"clips.paused is {clips.paused}; expected 0 to 1"),
            (not 0 <= fit.averaging < 1, f"fit.averaging is {fit.averaging}; expected 0 to below 1"),
            (
                EMBEDDING_HOP % self.samples_per_step != 0,
                f"features.hop times all strides of the network is {self.samples_per_step}; "
                f"expected a divisor of {EMBEDDING_HOP}, the hop of the speech embeddings",
            ),
        ):
            if wrong:
                raise RecipeError(said)

    @property
    def samples_per_step(self) -> int:
        """Samples between two outputs of the network."""
        return self.features.hop * self.network.frames_per_step

    @property
    def embedded_steps(self) -> slice:
        """Which outputs of the network end with a hop of the speech embeddings."""
        every = EMBEDDING_HOP // self.samples_per_step
        return slice(every - 1, None, every)

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe, by which a bundle names it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def _wrong_convolutions(network: NetworkSpec, mels: int) -> list[tuple[bool, str]]:
    """What may be wrong with each convolution, and how to say it."""
    checks = []
    names = [f"network.local, number {i + 1}" for i in range(len(network.local))] + ["the last convolution"]
    for name, convolution in zip(names, network.convolutions(mels), strict=True):
        spec = convolution.spec
        last = name == names[-1]
        frames, stride = ("network.kernel", "network.stride") if last else ("frames", "frame_stride")
        checks += [
            (
                min(spec.channels, spec.bands, convolution.places) < 1,
                f"{name}: channels and bands start at 1, and of {convolution.bands} bands {spec.bands} must fit "
                "under the kernel",
            ),
            (
                spec.past < 1,
                f"{name}: {frames} is {spec.frames}, not longer than {stride}, {spec.frame_stride}",
            ),
            (
                convolution.columns > MOST_INPUTS,
                f"{name}: {convolution.columns} values lie under the kernel, above {MOST_INPUTS}; "
                "sums would not be exact",
            ),
        ]
    return checks
