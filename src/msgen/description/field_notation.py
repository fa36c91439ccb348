"""Notation of fields on the command line: `order:total=decimal,note=text?`."""

from msgen.core.errors import quoted, user_error

Fields = dict[str, str]


def named_fields(text: str, option: str) -> tuple[str, Fields]:
    """Split a name from the fields that follow it."""
    name, colon, rest = text.partition(":")
    fields: Fields = {}
    for part in rest.split(",") if colon else ():
        field, equals, kind = part.partition("=")
        if not (field and (kind or not equals)):
            raise user_error(
                f"{option}: {quoted(part)} is not a field",
                f"write it as in {option} {name or 'order'}:total=decimal,note=text?",
            )
        fields[field.strip()] = kind.strip() or "string"
    return name, fields
