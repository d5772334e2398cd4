"""`watchword compile`: a bundle as a shared library for one kind of processor."""

from __future__ import annotations

import argparse

from watchword import options
from watchword.bundle import load

SUMMARY = "compile a bundle for one kind of processor, so that listening costs less"
DESCRIPTION = (
    "Compile a bundle with the firmware's sources into a shared library, which detect, listen and bench take with "
    "--compiled in the place of ONNX Runtime: a fraction of the time and of the memory. A compiler for another "
    "processor makes a library for it, such as a Raspberry Pi's (apt-get install gcc-aarch64-linux-gnu)."
)
EXAMPLE = "watchword compile --out activate.so && watchword listen --compiled activate.so"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_model(parser)
    parser.add_argument(
        "--out",
        type=lambda text: options.output(text, ".so"),
        required=True,
        metavar="FILE.so",
        help="the library to write",
    )
    parser.add_argument(
        "--cc",
        default="cc",
        metavar="CC",
        help="the compiler, such as aarch64-linux-gnu-gcc or 'cc -march=native' (%(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the library, and name it."""
    from watchword_training import library

    print(library.build(load(arguments.model), arguments.out, arguments.cc))
    return 0
