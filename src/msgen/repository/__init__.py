"""Writes in, files on disk out: all or nothing, under a lock, without following links out of the repository."""
