"""A module per command, as plain functions: options in, changes and notes out."""
