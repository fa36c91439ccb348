"""Make the pictures of the README, docs/images/*.svg: a terminal session and a diagram of the shop.

Runs real commands in a temporary directory. Needs Graphviz (`dot`) for the diagram.
"""

import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import CONSOLE_SVG_FORMAT, Console
from rich.text import Text

IMAGES = Path(__file__).parents[1] / "docs" / "images"
WIDTH = 100

SESSION = (
    "msgen new myshop --defaults",
    "cd myshop",
    "sed -i 's/total: decimal/total: decmial/' msgen.yaml",
    "msgen check",
    "sed -i 's/total: decmial/total: decimal\\n        note: text?/' msgen.yaml",
    "msgen diff --stat",
    "msgen apply | tail -n 1",
)

SVG = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code,", "ui-monospace, Menlo,"
)
"""rich's own, without its web font: the picture loads nothing."""

SHAPES = {
    "([": 'shape=box style="rounded,filled" fillcolor="#f2f2f2"',
    "[[": 'shape=box style=filled fillcolor="#fde9c8"',
    "{{": 'shape=hexagon style=filled fillcolor="#fde9c8"',
    "[(": 'shape=cylinder style=filled fillcolor="#dcecdc"',
    "[": 'shape=box style="rounded,filled" fillcolor="#dbe7f7"',
}
NODE = re.compile(r'(\w+)(\(\[|\[\[|\{\{|\[\(|\[)"?([^"\])}]+)"?[\])}]+')
EDGE = re.compile(r'(\w+)(?:[\[({].*?[\])}])? (-->|---)(?:\|"?([^"|]*)"?\|)? (\w+)')


def run(command: str, folder: Path) -> bytes:
    """Run a shell command on a pseudo-terminal and return what it prints."""
    output = bytearray()
    settings = {
        "COLUMNS": str(WIDTH),
        "TERM": "xterm-256color",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    identity = {f"GIT_{who}_{what}": "ada@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    child, terminal = pty.fork()
    if not child:
        os.chdir(folder)
        os.execvpe("sh", ["sh", "-c", command], {**os.environ, **settings, **identity})
    while True:
        try:
            output += os.read(terminal, 65536)
        except OSError:  # the child has closed its side
            os.waitpid(child, 0)
            return bytes(output)


def session(folder: Path) -> str:
    """Run the session in a directory and return what the terminal shows, with its colors."""
    shown = []
    for command in SESSION:
        shown.append(f"\x1b[1;32m$\x1b[0m \x1b[1m{command}\x1b[0m")
        program, *arguments = shlex.split(command)
        if program == "cd":
            folder /= arguments[0]
        elif printed := run(command, folder).decode().replace("\r\n", "\n").rstrip():
            shown += [printed, ""]
    return "\n".join(shown)


def as_svg(shown: str) -> str:
    with Path(os.devnull).open("w") as nothing:
        console = Console(record=True, width=WIDTH, file=nothing, force_terminal=True, color_system="truecolor")
        console.print(Text.from_ansi(shown))
        return console.export_svg(title="msgen", code_format=SVG, unique_id="terminal")


def diagram(readme: str) -> str:
    """Lay out the diagram of a generated README with Graphviz."""
    mermaid = readme.split("```mermaid\n")[1].split("```", maxsplit=1)[0]
    nodes = {name: f'{name} [label="{label}" {SHAPES[shape]}]' for name, shape, label in NODE.findall(mermaid)}
    edges = [
        f'{start} -> {end} [label="{(label or "").replace("<br>", chr(92) + "n")}"{" dir=none" * (arrow == "---")}]'
        for start, arrow, label, end in EDGE.findall(mermaid)
    ]
    font = 'fontname="Helvetica" fontsize='
    look = f"rankdir=LR bgcolor=white pad=0.2 node [{font}12] edge [{font}10]"
    dot = "\n".join(["digraph {", look, *nodes.values(), *edges, "}"])
    return subprocess.run(["dot", "-Tsvg"], input=dot, capture_output=True, text=True, check=True).stdout


def main() -> int:
    if not shutil.which("dot"):
        print("this needs Graphviz: apt install graphviz, or brew install graphviz", file=sys.stderr)
        return 2
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (IMAGES / "terminal.svg").write_text(as_svg(session(folder)))
        (IMAGES / "shop.svg").write_text(diagram((folder / "myshop" / "README.md").read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
