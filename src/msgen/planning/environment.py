"""What services are configured with: their environment, and the secrets that it takes from `.env`."""

from msgen.core.naming import Name
from msgen.description.model import Observability
from msgen.planning.plan import GATEWAY_PORT, SERVICE_PORT
from msgen.planning.service import Secret, Service, Variable


def service_variables(
    service: Service, system: str, auth: str | None, traces: str | None, discovery: str
) -> list[Variable]:
    levels = ("debug", "info", "warning", "error")
    found = [
        Variable(Name("LOG_LEVEL"), "choice", "info", "Least severe log lines that are written", (), "info", levels),
        Variable(
            Name("SHUTDOWN_SECONDS"), "integer", "20", "How long requests and messages in hand may take", (), "20"
        ),
    ]
    if service.database:
        secret = database_secret(service.name)
        role = service.name.snake
        url = f"postgresql://{role}:${{{secret}}}@postgres:5432/{role}"
        found.append(Variable(Name("DATABASE_URL"), "url", url, "Its own database", (secret,), outside=True))
    if service.messaging:
        secret = Name("BROKER_PASSWORD")
        url = f"amqp://{Name(system).snake}:${{{secret}}}@rabbitmq:5672/"
        found.append(Variable(Name("BROKER_URL"), "url", url, "The message broker", (secret,), outside=True))
    found += [Variable(c.variable, "url", c.url, f"The {c.name} service") for c in service.calls]
    if auth and (service.authenticates or service.blueprint == "auth"):
        found += [
            Variable(Name("TOKEN_ISSUER"), "string", system, "Who issues access tokens"),
            Variable(Name("TOKEN_AUDIENCE"), "string", system, "Whom access tokens are for"),
        ]
        if service.blueprint == "auth":
            found += [
                Variable(
                    Name("SIGNING_KEY"),
                    "string",
                    "${SIGNING_KEY}",
                    "P-256 private key that signs access tokens: PKCS #8 PEM in base64",
                    (Name("SIGNING_KEY"),),
                ),
                Variable(
                    Name("ACCESS_TOKEN_SECONDS"), "integer", "900", "How long an access token is valid", (), "900"
                ),
                Variable(
                    Name("REFRESH_TOKEN_SECONDS"),
                    "integer",
                    "1209600",
                    "How long a refresh token is valid",
                    (),
                    "1209600",
                ),
            ]
        else:
            # With a registry, names need not be those of hosts; the gateway knows where everybody is.
            host = f"{auth}:{SERVICE_PORT}" if discovery == "dns" else f"gateway:{GATEWAY_PORT}"
            url = f"http://{host}/.well-known/jwks.json"
            found.append(Variable(Name("JWKS_URL"), "url", url, "Public keys that access tokens are checked with"))
    if service.mails:
        found += [
            Variable(
                Name("SMTP_URL"),
                "url",
                "smtp://mail:1025",
                "Mail server: smtp://[user:password@]host:port",
                outside=True,
            ),
            Variable(Name("MAIL_FROM"), "string", f"{system}@example.com", "Sender of its mails"),
        ]
    if discovery == "consul":
        found += [
            Variable(Name("CONSUL_URL"), "url", "http://consul:8500", "The registry of services"),
            Variable(Name("CONSUL_HTTP_TOKEN"), "string", "", "The registry's token, where it asks for one", (), ""),
        ]
    if discovery == "eureka":
        url = "http://eureka:8761/eureka"
        found.append(Variable(Name("EUREKA_URL"), "url", url, "The registry of services"))
    if traces:
        found += [
            Variable(
                Name("OTEL_EXPORTER_OTLP_ENDPOINT"),
                "url",
                f"http://{traces}:4318",
                "Where traces are sent: OTLP over HTTP",
            ),
            Variable(
                Name("OTEL_TRACES_SAMPLER_ARG"), "ratio", "1", "Share of the traces that begin here to keep", (), "1"
            ),
        ]
    return found


def database_secret(service: str) -> Name:
    return Name(f"{Name(service).constant}_DATABASE_PASSWORD")


def system_secrets(services: tuple[Service, ...], messaging: bool, observability: Observability) -> list[Secret]:
    found = []
    if any(s.database for s in services):
        found.append(Secret(Name("POSTGRES_PASSWORD"), "password", "Administrator of the database server"))
    found += [Secret(database_secret(s.name), "password", f"Database user of {s.name}") for s in services if s.database]
    if messaging:
        found.append(Secret(Name("BROKER_PASSWORD"), "password", "User of the message broker"))
    if any(s.blueprint == "auth" for s in services):
        found.append(Secret(Name("SIGNING_KEY"), "ec-key", "Signs access tokens"))
    if observability.metrics != "none":
        found.append(Secret(Name("GRAFANA_PASSWORD"), "password", "Administrator of Grafana"))
    if observability.logs != "stdout":
        found += [
            Secret(Name("ELASTIC_PASSWORD"), "password", "Administrator of Elasticsearch and Kibana"),
            Secret(Name("KIBANA_PASSWORD"), "password", "Kibana's own user of Elasticsearch"),
            Secret(Name("LOGSTASH_PASSWORD"), "password", "Logstash's user of Elasticsearch"),
        ]
    return found
