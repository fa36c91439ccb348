"""Long lines are split as ruff and Biome split them."""

import subprocess
import sys
from collections.abc import Callable
from random import Random

import pytest

from msgen.packs.code_layout import fit

WORDS = ["order", "customer", "total", "line", "address", "delivery", "billing", "x", "shipment"]


class Python:
    """Random statements as a template writes them: each on one line."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def name(self) -> str:
        return "_".join(self.random.choices(WORDS, k=self.random.randint(1, 4)))

    def several(self, make: Callable[[], str], least: int = 1, most: int = 5) -> str:
        return ", ".join(make() for _ in range(self.random.randint(least, most)))

    def value(self, depth: int = 0) -> str:
        kinds: list[Callable[[], str]] = [
            self.name,
            lambda: f'"{self.name()}"',
            lambda: f"{self.name()}({self.several(lambda: self.value(depth + 1), 0)})",
            lambda: f"[{self.several(lambda: self.value(depth + 1))}]",
            lambda: "{" + self.several(lambda: f'"{self.name()}": {self.value(depth + 1)}') + "}",
        ]
        return self.random.choice(kinds if depth < 2 else kinds[:2])()

    def statement(self) -> str:
        name, several, value = self.name, self.several, self.value
        kinds: list[Callable[[], str]] = [
            lambda: f"from {name()} import {several(name, 2)}",
            lambda: f"{name()} = {name()}({several(value)})",
            lambda: f"def {name()}({several(lambda: f'{name()}: {name()}')}) -> {name()}: ...",
            lambda: f"async def {name()}_{name()}({name()}: {name()}) -> {name()}[{name()}]: ...",
            lambda: f"{name()} = [{several(name, 2)}]",
            lambda: f"return {name()} and {name()}({several(name)}) and not {name()}",
            lambda: f"assert {name()}.json() == {value(1)}",
            lambda: f"assert {name()}({name()}) == 1, f'{{{name()}}}: {{{name()}}} {{{name()}}}'".replace("'", '"'),
            lambda: f"{name()} = [{name()}({name()}) for {name()} in {name()}({name()}) if {name()}]",
            lambda: (
                f"{name()} = [{name()}({name()}) for {name()}, {name()} in {name()}.{name()} if {name()} == {name()}]"
            ),
            lambda: f"{name()}.{name()}({several(lambda: f'{name()}={value(1)}')})",
        ]
        while True:
            code = self.random.choice(kinds)()
            if len(code) > 100:
                return code


@pytest.mark.parametrize("seed", range(3))
def test_python_layout_matches_ruff(seed: int) -> None:
    made = Python(seed)
    statements = [made.statement() for _ in range(200)]
    text = "".join(f"# ---\n{statement}\n" for statement in statements)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "100", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    expected = [part.strip("\n") for part in done.stdout.split("# ---\n")[1:]]
    wrong = [s for s, e in zip(statements, expected, strict=True) if fit(s, "black") != e]
    assert len(wrong) <= 2, "\n".join(wrong)  # of 200: nested in ways that no template writes


LONG = "shipmentOfTheOrderOfTheCustomer"


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (f'import {{ a, {LONG}, {LONG} as b }} from "../clients/customers-of-the-shop.ts";',
         ["import {", "  a,", f"  {LONG},", f"  {LONG} as b,", '} from "../clients/customers-of-the-shop.ts";']),
        (f'import {{ {LONG} }} from "../clients/{LONG}/{LONG}.ts";',
         [f'import {{ {LONG} }} from "../clients/{LONG}/{LONG}.ts";']),
        (f"  await {LONG}({LONG}, {LONG}, {LONG});",
         [f"  await {LONG}(", f"    {LONG},", f"    {LONG},", f"    {LONG},", "  );"]),
        (f"{LONG}({LONG}, {{ a: {LONG}, b: [1, 2], c }});",
         [f"{LONG}({LONG}, {{", f"  a: {LONG},", "  b: [1, 2],", "  c,", "});"]),
        (f"const a = {LONG}.{LONG}.{LONG};", ["const a =", f"  {LONG}.{LONG}.{LONG};"]),
        (f"const a = z.strictObject({LONG}).partial().meta({{ id: {LONG}, name: {LONG} }});",
         ["const a = z", f"  .strictObject({LONG})", "  .partial()", f"  .meta({{ id: {LONG}, name: {LONG} }});"]),
        (f"export type {LONG} = DataOf<typeof {LONG}{LONG}>;",
         [f"export type {LONG} = DataOf<", f"  typeof {LONG}{LONG}", ">;"]),
        (f"export type {LONG} = z.infer<typeof {LONG}{LONG}>;",
         [f"export type {LONG} = z.infer<", f"  typeof {LONG}{LONG}", ">;"]),
        (f"export function {LONG}(): Promise<{LONG}<{LONG}>> {{",
         [f"export function {LONG}(): Promise<", f"  {LONG}<{LONG}>", "> {"]),
        (f"  const path = `/{LONG}/${{f({LONG})}}/{LONG}`;", [f"  const path = `/{LONG}/${{f({LONG})}}/{LONG}`;"]),
        (f"export type {LONG} = typeof {LONG}{LONG}.$inferSelect;",
         [f"export type {LONG} =", f"  typeof {LONG}{LONG}.$inferSelect;"]),
        (f'export type A = "{LONG}" | "{LONG}" | "{LONG}";',
         ["export type A =", f'  | "{LONG}"', f'  | "{LONG}"', f'  | "{LONG}";']),
        (f'  path: "/{LONG}/{LONG}/{LONG}/{LONG}",', [f'  path: "/{LONG}/{LONG}/{LONG}/{LONG}",']),
        (f'  summary: "/{LONG}/{LONG}/{LONG}/{LONG}",', ["  summary:", f'    "/{LONG}/{LONG}/{LONG}/{LONG}",']),
        (f"export function f(a: {LONG}, b: {LONG}, ...c: {LONG}[]): void {{",
         ["export function f(", f"  a: {LONG},", f"  b: {LONG},", f"  ...c: {LONG}[]", "): void {"]),
        (f"  await call({LONG}, {LONG}, {LONG}, async (a) => {{\n    f(a);\n\n    g({LONG});\n  }});",
         ["  await call(", f"    {LONG},", f"    {LONG},", f"    {LONG},", "    async (a) => {",
          "      f(a);", "", f"      g({LONG});", "    },", "  );"]),
        (f'test("{LONG} {LONG} {LONG}", async () => {{\n  f();\n}});',
         [f'test("{LONG} {LONG} {LONG}", async () => {{', "  f();", "});"]),
        (f"call({LONG}, {LONG}, {LONG}); // (a, comment)", [f"call({LONG}, {LONG}, {LONG}); // (a, comment)"]),
    ],
)  # fmt: skip
def test_typescript_layout_matches_biome(code: str, lines: list[str]) -> None:
    assert fit(code, "prettier").split("\n") == lines


@pytest.mark.parametrize("style", ["black", "prettier"])
def test_short_and_unsplittable_lines_are_unchanged(style: str) -> None:
    text = f"f(a, b)\n\n'{LONG}, {LONG}, {LONG}, {LONG}'\n"
    assert fit(text, style) == text


def test_custom_width() -> None:
    assert fit("call(first, second)", "black", 12) == "call(\n    first,\n    second,\n)"
