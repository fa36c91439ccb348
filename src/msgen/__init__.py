"""msgen: a repository of microservices from one description, kept up to date with it."""

__version__ = "0.1.0"
