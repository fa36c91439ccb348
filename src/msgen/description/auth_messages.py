"""Messages that the auth blueprint sends: their occasions, and what they need."""

RESET = "password-reset"
VERIFICATION = "verify-email"
DELETED = ".deleted"

FILLED = {
    "id": ("uuid",),
    "user_id": ("uuid",),
    "email": ("email", "string", "text"),
    "name": ("string", "text"),
    "created_at": ("datetime",),
}
"""Fields of an account that messages can carry, with the types that fit."""
TOKEN = {"token": ("string", "text")}
"""The field of mails with a token."""


def occasion(message: str) -> str:
    """Return when a message is sent: `registration`, `deletion`, `reset` or `verification`."""
    if message.endswith(DELETED):
        return "deletion"
    return {RESET: "reset", VERIFICATION: "verification"}.get(message, "registration")


def filled(message: str) -> dict[str, tuple[str, ...]]:
    """Return the fields that can be filled in a message, with the types that fit."""
    return FILLED | TOKEN if occasion(message) in ("reset", "verification") else FILLED


def needed(message: str) -> tuple[str, ...]:
    """Return the fields without which a message has no use."""
    return {"deletion": ("user_id",), "registration": ()}.get(occasion(message), ("email", "token"))
