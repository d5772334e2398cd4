"""Nothing that is heard in training may be measured: overlaps between splits and roles, found before mixing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from watchword.errors import RecipeError

Names = Mapping[str, Iterable[str]]
"""By place, the names of the sources there: voices, speakers, or hashes of recordings."""


def refuse(what: str, names: Names, remedy: str) -> None:
    """RecipeError when one name occurs in two places; it says which, where, and the `remedy`."""
    seen: dict[str, str] = {}
    for place, found in names.items():
        for name in sorted(set(found)):
            if seen.setdefault(name, place) != place:
                raise RecipeError(f"{what} {name} is in {seen[name]} and in {place}; {remedy}")
