"""Patterns of subscriptions."""


def matches(pattern: str, event: str) -> bool:
    """Match as AMQP topic exchanges do: `*` is one word, `#` any number of words."""
    words = event.split(".")
    taken = {0}  # word counts that the pattern so far can match
    for part in pattern.split("."):
        if part == "#":
            taken = set(range(min(taken, default=len(words) + 1), len(words) + 1))
        else:
            taken = {n + 1 for n in taken if n < len(words) and part in ("*", words[n])}
    return len(words) in taken
