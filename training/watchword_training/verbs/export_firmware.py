"""`watchword export-firmware`: a bundle as C constants for `firmware_sim`."""

from __future__ import annotations

import argparse
from pathlib import Path

from watchword import options
from watchword.bundle import load

SUMMARY = "write a bundle as C constants for microcontrollers"
DESCRIPTION = (
    "Write the sizes, tables and weights of a bundle as C into a folder that firmware_sim is compiled with. A bundle "
    "that the firmware would compute otherwise than ONNX is refused."
)
EXAMPLE = "watchword export-firmware --model activate --out firmware_sim/generated"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_model(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("firmware_sim/generated"),
        metavar="FOLDER",
        help="folder to write to (%(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the files, and name them."""
    from watchword_training import firmware

    for file in firmware.write(load(arguments.model), arguments.out):
        print(file)
    return 0
