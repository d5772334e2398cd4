"""Four questions of an ML engineer, answered with numbers that run."""

import os

# One core, before a library starts its threads: two that share a busy core can be a hundred times slower than one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
