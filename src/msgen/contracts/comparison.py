"""Compare all contracts of two revisions."""

from collections.abc import Iterator
from dataclasses import replace

from msgen.contracts.apis import compare_apis
from msgen.contracts.changes import Breakage
from msgen.contracts.documents import Contracts, name_of
from msgen.contracts.messages import compare_messages

OUTSIDE = "clients of the gateway"


def compare(before: Contracts, after: Contracts) -> Iterator[Breakage]:
    """Yield what breaks users of the older contracts, by file."""
    for path, document in sorted(before.apis.items()):
        callers = before.callers.get(name_of(path), ())
        consumers = (*(f"{caller} (calls {name_of(path)})" for caller in callers), OUTSIDE)
        for breakage in compare_apis(path, document, after.apis.get(path, {})):
            yield replace(breakage, consumers=consumers)
    for path, schema in sorted(before.messages.items()):
        name = name_of(path)
        for breakage in compare_messages(path, schema, after.messages.get(path, {})):
            yield replace(breakage, consumers=_parties(before, name, senders=breakage.code == "message-removed"))


def _parties(contracts: Contracts, message: str, *, senders: bool) -> tuple[str, ...]:
    received = [f"{service} (receives {message})" for service in contracts.receivers.get(message, ())]
    sent = [f"{service} (sends {message})" for service in contracts.senders.get(message, ())]
    return (*received, *(sent if senders else ()))
