"""Metrics of published messages."""

from prometheus_client import Counter

SENT = Counter(
    "messaging_client_sent_messages",
    "Messages confirmed by the broker",
    ["messaging_destination_name", "cloudevents_event_type"],
)
