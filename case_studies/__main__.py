"""Run the studies, or only write their prose anew from results that are there.

python -m case_studies --data ../shared/data/cases
python -m case_studies --only 01_trigger_word
python -m case_studies --prose
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from case_studies import room


def main() -> None:
    """Run each study in a process of its own, then write the page that lists them."""
    names = [folder.name for folder in room.folders()]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=room.DATA, help=f"the data that no package carries ({room.DATA})")
    parser.add_argument("--only", choices=names, action="append", help="this study; may be given again")
    parser.add_argument("--prose", action="store_true", help="measure nothing, write README.md from results.json")
    arguments = parser.parse_args()
    for name in arguments.only or names:
        folder = room.HERE / name
        if arguments.prose:
            (folder / room.WRITE_UP).write_text(room.render(folder, room.read(folder)), "utf-8")
        else:
            command = [sys.executable, "-m", f"case_studies.{name}.study", "--data", str(arguments.data)]
            if subprocess.run(command, check=False).returncode:
                sys.exit(f"{name} failed; what it says stands above")
        print(room.HERE.name, name)
    (room.HERE / room.WRITE_UP).write_text(room.render(room.HERE, room.every()), "utf-8")


if __name__ == "__main__":
    main()
