"""Everything Watchword refuses, as one tree.

WatchwordError
├── BundleError        a model bundle is missing, damaged, of another schema, or does not match its checksum
├── AudioError         a recording is unreadable, unsupported, empty, too long, or holds values that are not finite
├── MicrophoneError    no sound device, or one that cannot be opened
├── RecipeError        a training recipe, a word or a corpus that cannot be used
├── ServiceError       the service cannot start as asked
└── FirmwareError      the firmware cannot be built for a board or run on it

A message says what was wrong, what was expected, and the next command to try.
"""


class WatchwordError(Exception):
    """Base of every error raised on purpose; its text is fit to print as one line."""


class BundleError(WatchwordError):
    """A model bundle that cannot be trusted or run."""


class AudioError(WatchwordError):
    """Audio that cannot be decoded or must not be guessed at."""


class MicrophoneError(WatchwordError):
    """A sound device that is absent or cannot be opened."""


class RecipeError(WatchwordError):
    """A training recipe, word, voice or corpus that cannot be used."""


class ServiceError(WatchwordError):
    """A service that cannot start as asked."""


class FirmwareError(WatchwordError):
    """Firmware that cannot be built or run."""
