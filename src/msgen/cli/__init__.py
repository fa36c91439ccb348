"""Command line in, exit code out: parses, calls one function per command, prints."""
