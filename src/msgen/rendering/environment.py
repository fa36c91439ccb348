"""Variables and secrets of a plan, as packs declare them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import jinja2

from msgen.core.errors import UserError
from msgen.core.naming import Name
from msgen.packs.jinja import Variables, fill, holds, make_environment
from msgen.packs.pack import Pack
from msgen.packs.tables import Row
from msgen.planning.plan import Plan
from msgen.planning.service import Secret, Variable
from msgen.planning.settings import Setting
from msgen.rendering.scopes import scoped


def configured(plan: Plan, pack: Pack, environment: jinja2.Environment | None = None) -> Plan:
    """Add the environment of each service and the secrets of `.env` to a plan. Raises `UserError`."""
    environment = environment or make_environment(*pack.roots)
    rows = [row for table in pack.tables for row in table.environment]
    found: dict[str, list[Variable]] = {service.name: [] for service in plan.services}
    for row in rows:
        for variables, values in _entries(environment, row, plan):
            found[variables["service"].name].append(_variable(values))
    secrets = [
        Secret(Name(values["name"]), values.get("kind", "password"), values["about"])
        for table in pack.tables
        for row in table.secrets
        for _, values in _entries(environment, row, plan)
    ]
    secrets += (
        Secret(setting.source, "placeholder", setting.about, setting.placeholder)
        for service in plan.services
        for setting in service.settings
        if setting.default is None
    )
    services = tuple(
        replace(service, variables=(*found[service.name], *map(_declared, service.settings)))
        for service in plan.services
    )
    return replace(plan, services=services, secrets=tuple(secrets))


def _declared(setting: Setting) -> Variable:
    """Return the variable of a setting; without a default, its value comes from outside of git."""
    value, secrets = (f"${{{setting.source}}}", (setting.source,)) if setting.default is None else (setting.default, ())
    name = Name(setting.name.constant)
    return Variable(name, setting.type, value, setting.about, secrets, setting.default, setting.enum, setting=setting)


def _entries(environment: jinja2.Environment, row: Row, plan: Plan) -> Iterator[tuple[Variables, Mapping[str, Any]]]:
    """Yield an entry of a table for each object that it applies to."""
    try:
        for variables in scoped(row.each, row.language, plan):
            if holds(environment, row.when, variables):
                secret = fill(environment, row.values.get("secret", ""), variables)
                known = {**variables, "secret": f"${{{secret}}}"}
                texts = {k: fill(environment, v, known) if isinstance(v, str) else v for k, v in row.values.items()}
                yield variables, texts
    except jinja2.TemplateError as error:
        raise UserError(row.problem(f"{row.values['name']}: {error}")) from error


def _variable(values: Mapping[str, Any]) -> Variable:
    default = values.get("default")
    return Variable(
        Name(values["name"]),
        values.get("type", "string"),
        str(values.get("value", default)),
        values["about"],
        tuple(Name(secret) for secret in values.get("secret", "").split()),
        None if default is None else str(default),
        tuple(values.get("choices", ())),
        values.get("outside", False),
    )
