"""Contracts at two revisions in, breaking changes out."""
