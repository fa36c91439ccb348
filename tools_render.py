"""Renders a description into a folder, over what is there."""
import sys, yaml, pathlib
sys.path.insert(0, "src")
from msgen.model import Description
from msgen.plan import make_plan
from msgen.packs import load_pack, builtin_root
from msgen.render import render
src, out = sys.argv[1:]
plan = make_plan(Description.model_validate(yaml.load(open(src), yaml.CSafeLoader)))
for path, f in render(plan, load_pack(builtin_root())).items():
    p = pathlib.Path(out, path); p.parent.mkdir(parents=True, exist_ok=True); p.write_bytes(f.content); p.chmod(f.mode)
