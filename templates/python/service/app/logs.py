"""Logs: one JSON object a line on stdout, for this service's records and its libraries' alike."""

import logging
import sys

import structlog

from app import SERVICE
from app.correlation import correlation_id

FIELDS = {
    "timestamp": "@timestamp",
    "level": "log.level",
    "message": "message",
    "service": "service.name",
    "error": "error.message",
    "exception": "error.stack_trace",
    "method": "http.request.method",
    "path": "url.path",
    "status": "http.response.status_code",
    "called": "server.address",
    "duration": "event.duration",
    "queue": "messaging.destination.name",
    "message_id": "messaging.message.id",
    "type": "cloudevents.event_type",
}
"""What fields of records are called in Elastic Common Schema; all others become its labels."""


def configure_logs(level: str) -> None:
    """Sends all records of `level` and above to stdout."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_context,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        _add_error,
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _name_fields,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)


def _add_context(
    _logger: object, _method: str, record: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    record["ecs.version"] = "8.11.0"
    record["service"] = SERVICE
    if current := correlation_id.get():
        record["correlation_id"] = current
    return record


def _add_error(
    _logger: object, _method: str, record: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    error = record.get("exc_info")
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        record["error.type"] = type(error).__name__
        record["error"] = str(error)
    return record


def _name_fields(
    _logger: object, _method: str, record: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {
        FIELDS.get(name, name if "." in name else f"labels.{name}"): value
        for name, value in record.items()
    }
