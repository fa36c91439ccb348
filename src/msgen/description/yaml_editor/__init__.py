"""YAML text and edits in, YAML text out, with every unrelated byte unchanged."""
