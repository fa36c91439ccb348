"""Hints and vocabulary of the validation messages."""

from msgen.description import patterns

LATER_KEYS = ("templates",)
NOUNS = {
    **{key: key for key in ("blueprint", "broker", "database", "discovery", "logs", "metrics", "overlap", "traces")},
    "rules": "rule",
}
"""What unknown values are called, by their key."""
LATER_VALUES = {
    "broker": ("kafka", "nats", "redis"),
    "database": ("mysql", "mariadb", "mongodb", "sqlite"),
}

EMPTY = {
    (): "`msgen new` writes an example",
    ("services",): "give it a service: `orders: {resources: {order: {total: decimal}}}`",
    ("services", "*"): "write `{}` after it for a service without any keys",
    ("services", "*", "resources", "*"): "give it fields, such as `{total: decimal}`",
    ("services", "*", "resources", "*", "fields"): "give it fields, such as `{total: decimal}`",
    ("services", "*", "resources", "*", "fields", "*"): "give it a type, such as `string`",
    ("services", "*", "jobs", "*"): 'give it times, such as `{cron: "*/15 * * * *"}`',
    ("services", "*", "settings", "*"): "give it a type, such as `string`",
    ("queues", "*"): "say what its messages hold, such as `{email: email}`",
    ("queues", "*", "*"): "give it a type, such as `string`",
    ("events", "*"): "say what it holds, such as `{user_id: uuid}`",
    ("events", "*", "*"): "give it a type, such as `string`",
}
"""Hints for locations that must not be empty."""

NAMES = {
    patterns.LABEL: ("lower-case letters, digits and single hyphens, starting with a letter", "-"),
    patterns.SNAKE: ("lower-case letters, digits and single underscores, starting with a letter", "_"),
    patterns.EVENT: ("two or more words joined by dots, of lower-case letters, digits and hyphens", "-"),
}
"""Characters of names, and what joins their words."""
FORMS = {
    patterns.PATH: (
        "path",
        "write it as /orders/{id}/cancel: lower-case words and parameters, without a slash at the end",
    ),
    patterns.RATE: ("rate", "write it as 100/s, 100/m or 100/h: requests in a second, minute or hour"),
    patterns.CRON: (
        "cron expression",
        "write five parts, such as '*/15 * * * *': minute, hour, day, month, day of week",
    ),
    patterns.DURATION: ("duration", "write seconds, minutes or hours, such as 30s, 5m or 1h"),
    patterns.ORIGIN: ("origin", "write it as https://shop.example.com, with a port if it has one and without a path"),
    patterns.ISSUER: (
        "issuer",
        "write it as https://sso.example.com/realms/acme: 'issuer' in its /.well-known/openid-configuration",
    ),
    patterns.AUDIENCE: ("audience", "write what the claim 'aud' of access tokens contains, such as myshop"),
    patterns.CLAIM: ("claim", "write a path such as realm_access.roles, or a claim that is a URL"),
    patterns.CPU: ("amount of CPU", "write millicores, such as 250m, or cores, such as '2'"),
    patterns.MEMORY: ("amount of memory", "write it as 256Mi or 1Gi"),
    patterns.HOST: ("host name", "write it as shop.example.com, in lower case and without scheme, port and path"),
    patterns.TAG: ("tag", "use letters, digits, dots, hyphens and underscores, such as 1.2.0"),
    patterns.REGISTRY: ("registry", "write it as ghcr.io/acme, without a scheme and without a tag"),
}
RANGES = {"replicas": (1, 1000), "max": (1, 1000), "cpu": (10, 100), "max_items": (1, 1000)}
EXAMPLES = {
    "cron": 'cron: "*/15 * * * *"',
    "msgen": "msgen: 1",
    "name": "name: myshop",
    "services": "services: {orders: {…}}",
}
OTHER_TYPES = {
    "int": "integer",
    "bigint": "integer",
    "long": "integer",
    "str": "string",
    "varchar": "string",
    "char": "string",
    "float": "number",
    "double": "number",
    "numeric": "decimal",
    "money": "decimal",
    "bool": "boolean",
    "time": "datetime",
    "timestamp": "datetime",
    "list": "string[]",
    "array": "string[]",
    "object": "json",
    "dict": "json",
    "enum": "",
}
