"""Recorded states of the resources and the current plan in, migrations and destructive changes out."""
