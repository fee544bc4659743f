#!/usr/bin/env bash
# The source distribution builds the wheel, the wheel holds what it must and nothing else, and it
# runs in a fresh environment.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$python" -m build --outdir "$out" >"$out/log" 2>&1 || { tail -40 "$out/log"; exit 1; }
"$python" - "$out" <<'PY'
import sys, tarfile, zipfile
from pathlib import Path

out = Path(sys.argv[1])
wheel = zipfile.ZipFile(next(out.glob("*.whl"))).namelist()
source = tarfile.open(next(out.glob("*.tar.gz"))).getnames()
suffixes = (".py", ".pyi", ".so", "py.typed", ".csv", ".json", ".npy", "PROVENANCE.md", "2.0.txt")
extra = [n for n in wheel if ".dist-info/" not in n and not n.endswith(suffixes)]
assert not extra, f"in the wheel, but not wanted: {extra}"
kept = {".py", ".pyi", ".typed", ".csv", ".json", ".npy", ".md", ".txt"}
package = {str(f.relative_to("src")) for f in Path("src/prum_match").rglob("*") if f.suffix in kept}
assert package <= set(wheel), f"missing from the wheel: {sorted(package - set(wheel))}"
for part in ("csrc/kernels/ops/avx2.hpp", "src/prum_match/engine/tables/_strings.pxd", "tests/oracles/dna/rules.py"):
    assert any(n.endswith("/" + part) for n in source), f"missing from the sdist: {part}"
assert not any("build/" in n or n.endswith(".c") for n in source), "generated files in the sdist"
print(f"wheel: {len(wheel)} files, sdist: {len(source)} files")
PY
"$python" -m venv "$out/venv"
"$out/venv/bin/python" -m pip install -q "$out"/*.whl
(cd "$out" && venv/bin/python -m prum_match selftest --quiet)
