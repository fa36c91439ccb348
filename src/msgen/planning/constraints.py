"""Constraints and indexes over several columns of a table."""

from dataclasses import dataclass

from msgen.core.naming import Name

WORDS = {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least"}


@dataclass(frozen=True)
class Constraint:
    kind: str
    """`unique`, `index` or `check`."""
    fields: tuple[Name, ...]
    operator: str = ""
    """Comparison of the two fields of a check: `<`, `<=`, `>` or `>=`."""

    def __str__(self) -> str:
        return f"{self.kind} {f' {self.operator} '.join(self.fields) if self.operator else ' '.join(self.fields)}"

    @classmethod
    def parse(cls, text: str) -> "Constraint":
        kind, *words = text.split()
        if kind == "check":
            left, operator, right = words
            return cls(kind, (Name(left), Name(right)), operator)
        return cls(kind, tuple(map(Name, words)))

    @property
    def slug(self) -> str:
        """Part of its name in the database: `ends_at_gt_starts_at`."""
        words = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
        return f"_{words[self.operator]}_".join(self.fields) if self.operator else "_".join(self.fields)

    @property
    def requirement(self) -> str:
        """What a check requires of its first field: `must be greater than starts_at`."""
        return f"must be {WORDS[self.operator]} {self.fields[1]}"

    def renamed(self, names: dict[str, str]) -> "Constraint":
        """Return the same over fields with other names."""
        return Constraint(self.kind, tuple(Name(names.get(f, f)) for f in self.fields), self.operator)
