"""msgen: a repository of microservices from one description, kept in step with it."""

__version__ = "0.1.0"
