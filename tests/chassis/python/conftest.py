"""Tests in the directories below run in generated services."""

collect_ignore_glob = ["*/*"]
