"""Settings: names, defaults and secrets."""

import re
from collections.abc import Iterator
from functools import partial

from msgen.core.errors import quoted
from msgen.core.naming import Name
from msgen.core.suggestions import one_of
from msgen.description.rules.fields import VALUES, choices
from msgen.description.rules.finding import Finding
from msgen.description.rules.system import System
from msgen.description.setting_model import SettingSpec, env_name
from msgen.description.source_map import Where

PLAIN = re.compile(r"[A-Za-z0-9 .,:;/?&=+*@%~^()<>|_-]*")
"""Text that means the same in YAML, shell, `.env` and Compose files."""
SYSTEM = (
    *("home", "host", "hostname", "lang", "path", "port", "pwd", "shell", "tmpdir", "tz", "user"),
    *("http_proxy", "https_proxy", "no_proxy"),
)
"""Variables that operating systems, shells, servers and HTTP clients read."""


def names(system: System) -> Iterator[Finding]:
    sources: dict[str, str] = {}
    for service, spec in system.description.services.items():
        urls = {f"{Name(called).snake}_url": called for called in spec.calls}
        for name in spec.settings:
            where: Where = ("services", service, "settings", name)
            reason = system.reason("setting", name) or (
                "reserved by the environment of processes" if name in SYSTEM else ""
            )
            if name in urls:
                reason = f"the URL of {urls[name]}"
            if language := system.reserving("setting", name, partial(set, (service,))):
                reason = f"reserved by {language}"
            source = env_name(service, name)
            if other := sources.get(source):
                reason = f"{source} in .env is a setting of {other} already"
            elif taken := system.reason("variable", source.lower()):
                reason = taken
            sources.setdefault(source, service)
            if reason:
                message = f"a setting cannot be called {quoted(name)}: {reason}"
                yield Finding(where, message, f"rename it, for example to {quoted(f'own_{name}'[:40])}", key=True)


def values(system: System) -> Iterator[Finding]:
    for service, spec in system.description.services.items():
        for name, setting in spec.settings.items():
            where: Where = ("services", service, "settings", name)
            yield from choices(where, setting)
            yield from (_secret if setting.secret else _default)(where, setting)
            for number, choice in enumerate(setting.enum):
                if not PLAIN.fullmatch(choice):
                    yield _not_plain((*where, "enum", number), choice)


def _secret(where: Where, spec: SettingSpec) -> Iterator[Finding]:
    if spec.default is not None:
        message = "a secret has no default, which everybody who reads the repository would know"
        yield Finding((*where, "default"), message, "remove it, and set the value in .env", key=True)
    if spec.enum or spec.type != "string":
        key = "enum" if spec.enum else "type"
        yield Finding((*where, key), "a secret is a string", f"remove {quoted(key)}", key=True)


def _default(where: Where, spec: SettingSpec) -> Iterator[Finding]:
    value, place = spec.default, (*where, "default")
    if value is None:
        return
    relies = ((*where, "type"), (*where, "enum"))
    if spec.enum:
        if value not in spec.enum:
            yield Finding(place, f"{quoted(value)} is not in 'enum'", one_of(str(value), spec.enum), relies=relies)
    elif (spec.type, value) != ("string", "") and (wrong := VALUES[spec.type](value)):
        yield Finding(place, f"{quoted(value)} is not a valid {spec.type}", wrong, relies=relies)
    elif isinstance(value, str) and not PLAIN.fullmatch(value):
        yield _not_plain(place, value)


def _not_plain(where: Where, value: str) -> Finding:
    hint = "use letters, digits, spaces and .,:;/?&=+*@%~^()<>|_-"
    return Finding(where, f"{quoted(value)} has characters that shells or Compose interpret", hint)


RULES = (names, values)
