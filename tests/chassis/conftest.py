"""The suites, one directory each, run in generated services: pytest collects only the modules that put them there."""

from pathlib import Path

collect_ignore = [str(path) for path in Path(__file__).parent.glob("*/*") if path.is_dir()]
