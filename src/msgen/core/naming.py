"""Names and their spellings in languages and tools."""

import re
from functools import cache

import inflection


class Name(str):
    """A name of the description with its spellings: `Name("order-line").pascal` is `OrderLine`.

    Spellings are names too, so that they chain: `name.plural.snake`.
    """

    __slots__ = ()

    @property
    def words(self) -> list[str]:
        return re.findall(r"[a-z0-9]+", self.lower())

    @property
    def snake(self) -> "Name":
        return Name("_".join(self.words))

    @property
    def kebab(self) -> "Name":
        return Name("-".join(self.words))

    @property
    def constant(self) -> "Name":
        return Name("_".join(self.words).upper())

    @property
    def pascal(self) -> "Name":
        return Name("".join(word.capitalize() for word in self.words))

    @property
    def camel(self) -> "Name":
        first, *rest = self.words
        return Name(first + "".join(word.capitalize() for word in rest))

    @property
    def phrase(self) -> "Name":
        """Spelling in running text: `order line`."""
        return Name(" ".join(self.words))

    @property
    def plural(self) -> "Name":
        return _plural(self)


@cache
def _plural(name: Name) -> Name:
    return Name(inflection.pluralize(name))
