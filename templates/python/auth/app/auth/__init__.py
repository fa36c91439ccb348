"""Accounts and tokens: who is who, and how others can tell."""
