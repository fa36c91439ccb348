"""What each command does, as plain functions: `cli` parses, calls one of them, and prints."""
