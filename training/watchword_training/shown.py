"""Figures as people read them: rates with their 95 % intervals."""

from __future__ import annotations

from typing import Any


def missed(figures: dict[str, Any]) -> str:
    """Miss rate and interval in percent; a dash where no word was said."""
    if "miss_rate" not in figures:
        return "-"
    low, high = figures["miss_rate_interval"]
    return f"{100 * figures['miss_rate']:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def rate(figures: dict[str, Any]) -> str:
    """False accepts per hour and interval; a dash where every second was a word."""
    if "false_accepts_per_hour" not in figures:
        return "-"
    low, high = figures["false_accepts_per_hour_interval"]
    return f"{figures['false_accepts_per_hour']:.2f} ({low:.2f} to {high:.2f})"


def row(name: str, figures: dict[str, Any]) -> list[str]:
    """What was measured, words, misses, hours, false accepts, rate."""
    f = figures
    return [name, str(f["words"]), missed(f), f"{f['hours']:.2f}", str(f["false_accepts"]), rate(f)]
