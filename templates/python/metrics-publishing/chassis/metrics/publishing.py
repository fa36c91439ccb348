"""Messages that were published."""

from prometheus_client import Counter

SENT = Counter(
    "messaging_client_sent_messages",
    "Messages that the broker confirmed",
    ["messaging_destination_name", "cloudevents_event_type"],
)
