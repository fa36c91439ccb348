"""Suggestions for misspelled names and choices."""

from collections.abc import Iterable

from msgen.core.errors import quoted

MOST_NAMED = 12


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the closest word, or an empty string."""
    from difflib import get_close_matches

    by_spelling = {w.lower().replace("_", "-"): w for w in words}
    found = get_close_matches(word[:80].lower().replace("_", "-"), by_spelling, n=1, cutoff=0.65)
    return by_spelling[found[0]] if found else ""


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """Return a hint with the closest word, or an empty string."""
    near = nearest(word, words)
    return f"did you mean {quoted(near)}?" if near else ""


def one_of(word: str, words: Iterable[str], otherwise: str = "") -> str:
    """Return a hint with the closest word, or else with the choices."""
    words = list(words)
    if hint := did_you_mean(word, words):
        return hint
    if otherwise or not words:
        return otherwise
    rest = len(words) - MOST_NAMED
    return "choose one of: " + ", ".join(words[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")
