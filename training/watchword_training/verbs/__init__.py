"""The training verbs of the command line, a module each. Torch is imported when one runs."""

from __future__ import annotations

import argparse
from typing import Any

from watchword_training.verbs import compile as compiling
from watchword_training.verbs import evaluate, export_firmware, fetch, pretrain, synthesize, train

Subparsers = Any


def register(verbs: Subparsers) -> None:
    """Add the training verbs to the command line's parser."""
    for module in (synthesize, fetch, train, pretrain, evaluate, export_firmware, compiling):
        parser = verbs.add_parser(
            module.__name__.rpartition(".")[2].replace("_", "-"),
            help=module.SUMMARY,
            description=module.DESCRIPTION,
            epilog=f"example: {module.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(parser)
        parser.set_defaults(run=module.run)
