"""What Filebeat and Logstash make of the lines of containers, for neither can be had everywhere.

It does what the generated configurations ask of them, and knows nothing else: whatever is new in these fails here.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

Event = dict[str, Any]


def documents(observability: Path, files: Iterable[str], project: str) -> Iterator[Event]:
    """Of the content of Docker's log files, by the configurations in a folder."""
    filebeat = (observability / "filebeat/filebeat.yaml").read_text()
    shipper = yaml.safe_load(filebeat.replace("${COMPOSE_PROJECT_NAME:}", project))["filebeat.inputs"][0]
    pipeline = Pipeline((observability / "logstash/logs.conf").read_text())
    for content in files:
        for event in shipped(shipper, content):
            if pipeline.filter(event):
                yield event


# Filebeat


def shipped(config: dict[str, Any], content: str) -> Iterator[Event]:
    """The events of a file."""
    assert config["type"] == "filestream"
    ndjson, multiline = config["parsers"]
    for event in joined(unwrapped(content, **ndjson["ndjson"]), **multiline["multiline"]):
        if not any(holds(processor["drop_event"]["when"], event) for processor in config["processors"]):
            log = {"offset": 0, "file": {"path": "/var/lib/docker/containers/1/1-json.log"}}
            yield {"agent": {"type": "filebeat"}, "ecs": {"version": "8.0.0"}, "log": log, **event}


def unwrapped(content: str, target: str, message_key: str, add_error_key: bool) -> Iterator[Event]:
    assert add_error_key
    for line in content.splitlines():
        fields = json.loads(line)
        yield {"message": fields[message_key], target: fields}


def joined(events: Iterable[Event], pattern: str, **options: Any) -> Iterator[Event]:
    """What does not match goes before what comes next."""
    assert options == {"type": "pattern", "negate": True, "match": "before", "skip_newline": True, "timeout": "1s"}
    begun = ""
    for event in events:
        begun += event["message"]
        if re.search(pattern, event["message"]):
            yield event | {"message": begun}
            begun = ""


def holds(condition: dict[str, Any], event: Event) -> bool:
    ((kind, arguments),) = condition.items()
    if kind == "not":
        return not holds(arguments, event)
    ((path, wanted),) = arguments.items()
    found = looked_up(event, path)
    return {"equals": found == wanted, "regexp": bool(re.search(str(wanted), str(found)))}[kind]


def looked_up(fields: Any, path: str) -> Any:
    """Keys may have dots themselves."""
    if not isinstance(fields, dict) or path in fields:
        return fields.get(path) if isinstance(fields, dict) else None
    first, _, rest = path.partition(".")
    return looked_up(fields.get(first), rest) if rest else None


# Logstash

TOKEN = re.compile(r'\s+|#.*|("(?:\\.|[^"\\])*"|/(?:\\.|[^/\\])+/|=>|=~|==|[{}\[\],]|[\w@.-]+)')


class Pipeline:
    """A configuration, as far as its filters and outputs go."""

    def __init__(self, text: str) -> None:
        self.tokens = self._tokens(text)
        sections = {}
        while self.tokens:
            name = self.tokens.pop(0)
            sections[name] = self._block()
        assert sections.keys() == {"input", "filter", "output"}
        self.filters = sections["filter"]
        self.output: dict[str, Any] = dict(sections["output"])["elasticsearch"]

    def filter(self, event: Event) -> bool:
        """Changes an event; says whether it is to be kept."""
        event |= {"@version": "1", "@timestamp": None, "event": {"original": ""}, "tags": ["beats_input"]}
        return self._run(self.filters, event)

    def _run(self, block: list[tuple[Any, Any]], event: Event) -> bool:
        for what, options in block:
            if isinstance(what, tuple):
                field, comparison, value = what
                applies = value == event.get(field) if comparison == "==" else re.search(value, event[field])
                if applies and not self._run(options, event):
                    return False
            elif what == "drop":
                return False
            else:
                {"date": date, "mutate": mutate, "json": parsed}[what](event, **options)
        return True

    @staticmethod
    def _tokens(text: str) -> list[str]:
        end, found = 0, []
        while end < len(text):
            token = TOKEN.match(text, end)
            assert token, text[end : end + 40]
            found += [token[1]] if token[1] else []
            end = token.end()
        return found

    def _take(self, wanted: str) -> None:
        found = self.tokens.pop(0)
        assert found == wanted, (found, wanted)

    def _block(self) -> list[tuple[Any, Any]]:
        """Plugins with their options, and conditions with their blocks."""
        found: list[tuple[Any, Any]] = []
        self._take("{")
        while self.tokens[0] != "}":
            name = self.tokens.pop(0)
            found.append((self._condition(), self._block()) if name == "if" else (name, self._value()))
        self._take("}")
        return found

    def _condition(self) -> tuple[str, str, str]:
        self._take("[")
        field, end, comparison, value = (self.tokens.pop(0) for _ in range(4))
        assert end == "]"
        return field, comparison, value[1:-1]

    def _value(self) -> Any:
        token = self.tokens.pop(0)
        if token == "{":
            pairs = {}
            while self.tokens[0] != "}":
                key = self._value()
                self._take("=>")
                pairs[key] = self._value()
            self._take("}")
            return pairs
        if token == "[":
            items = []
            while self.tokens[0] != "]":
                items.append(self._value())
                if self.tokens[0] == ",":
                    self._take(",")
            self._take("]")
            return items
        return token.strip('"')


def date(event: Event, match: list[str]) -> None:
    field, pattern = match
    assert pattern == "ISO8601"
    instant = datetime.fromisoformat(removed(event, field, keep=True))
    event["@timestamp"] = instant.astimezone(UTC).isoformat()


def mutate(event: Event, rename: dict[str, str], remove_field: list[str], strip: list[str]) -> None:
    for old, new in rename.items():
        event[new] = removed(event, old)
    for field in strip:
        event[field] = event[field].strip()
    for field in remove_field:
        event.pop(field, None)


def removed(event: Event, reference: str, keep: bool = False) -> Any:
    """What `[field][inner]` or `field` refers to."""
    *path, last = re.findall(r"[^\[\]]+", reference)
    for key in path:
        event = event[key]
    return event[last] if keep else event.pop(last)


def parsed(event: Event, source: str) -> None:
    try:
        event |= json.loads(event[source])
    except ValueError:
        event["tags"] = ["_jsonparsefailure"]
