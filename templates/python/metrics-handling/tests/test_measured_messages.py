from prometheus_client import REGISTRY

from chassis.metrics.handling import measured


async def test_messages_are_counted_by_what_becomes_of_them() -> None:
    @measured
    async def process(outcome: str) -> tuple[str, str, str]:
        return "letters", "letter", outcome

    for outcome in ("handled", "retried", "handled"):
        await process(outcome)

    labels = {"messaging_destination_name": "letters", "cloudevents_event_type": "letter"}
    consumed = "messaging_client_consumed_messages_total"
    assert REGISTRY.get_sample_value(consumed, {**labels, "outcome": "handled"}) == 2
    assert REGISTRY.get_sample_value(consumed, {**labels, "outcome": "retried"}) == 1
    assert REGISTRY.get_sample_value("messaging_process_duration_seconds_count", labels) == 3
