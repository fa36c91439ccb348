"""Publishing at once, for a service without a database: confirmed, or an error for the caller."""

from prometheus_client import Counter

from app import broker
from app.messages import Message, envelope
from app.problems import Problem

PUBLISHED = Counter("messages_published_total", "Messages that the broker confirmed", ["type"])


async def publish(message: Message) -> None:
    """Returns once the broker has stored the message; a request that it cannot is a 503."""
    content = envelope(message)
    body = content.model_dump_json().encode()
    try:
        await broker.publish(message.EXCHANGE, message.TYPE, body, message_id=str(content.id))
    except broker.BrokerUnavailableError as error:
        detail = "The message broker is not available."
        raise Problem(503, detail, headers={"Retry-After": "5"}) from error
    PUBLISHED.labels(message.TYPE).inc()
