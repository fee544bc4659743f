"""The compiled parts and their flags; everything declarative is in pyproject.toml.

PRUM_SANITIZE=address,undefined (or thread) builds with sanitizers, for `make sanitize`.
"""

import os
import platform
from glob import glob
from pathlib import Path

from Cython.Build import cythonize
from pybind11.setup_helpers import ParallelCompile, Pybind11Extension
from setuptools import Extension, setup

ParallelCompile("PRUM_BUILD_JOBS", default=0).install()

X86 = platform.machine() in ("x86_64", "AMD64")
SANITIZE = os.environ.get("PRUM_SANITIZE", "")
# Same scores on every machine: no -march=native, no -ffast-math, no contraction of a * b + c.
COMMON = ["-std=c++20", "-O3", "-g0", "-fvisibility=hidden", "-ffp-contract=off", "-Wall"]
COMMON += ["-march=x86-64-v2"] if X86 else []
# Nothing reads errno or floating-point traps, so loops with a choice or a root may run in lanes.
# Neither flag changes a result.
LANES = ["-fno-math-errno", "-fno-trapping-math"]
SANITIZER = [f"-fsanitize={SANITIZE}", "-O1", "-g1", "-fno-omit-frame-pointer"] if SANITIZE else []

# One static library per instruction set: the same source, its own flags, internal linkage only.
ISA_FLAGS = {
    "portable": [],
    "avx2": ["-march=x86-64-v3"],
    "avx512": ["-march=x86-64-v4", "-mavx512vbmi", "-mavx512vnni", "-mavx512vpopcntdq"],
}
ISAS = list(ISA_FLAGS) if X86 else ["portable"]
KERNEL_SOURCES = glob("csrc/kernels/**/*", recursive=True)


def kernel_library(isa):
    """Return the static library of the kernels for an instruction set."""
    return (
        f"prum_{isa}",
        {
            "sources": [f"csrc/kernels/isa_{isa}.cpp"],
            "include_dirs": ["csrc"],
            # build_clib knows no "depends": without this a header edit leaves old objects behind.
            "obj_deps": {"": KERNEL_SOURCES},
            "cflags": [*COMMON, *LANES, *SANITIZER, *ISA_FLAGS[isa]],
        },
    )


# Rooms of csrc that are compiled as one unit each.
ROOMS = ["bindings", "dactyloscopy", "dna", "engine", "face", "police_record", "vehicle"]


def room_unit(room):
    """Write a source that includes all sources of a room, and return its path.

    Each source by itself reads the same headers and emits the same inline functions again: 91 s of
    CPU for these rooms instead of 43 s. The files of a room share their anonymous namespaces.
    """
    sources = sorted(glob(f"csrc/{room}/**/*.cpp", recursive=True))
    lines = [f'#include "{Path(source).relative_to("csrc").as_posix()}"\n' for source in sources]
    unit = Path("build/rooms") / f"{room}.cpp"
    unit.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(lines)
    # A newer unit would be compiled again.
    if not unit.exists() or unit.read_text() != text:
        unit.write_text(text)
    return str(unit)


native = Pybind11Extension(
    "prum_match._native",
    ["csrc/kernels/dispatch.cpp", *map(room_unit, ROOMS)],
    include_dirs=["csrc"],
    # A kernel edit must relink: the extension does not see its static libraries.
    depends=KERNEL_SOURCES + glob("csrc/**/*.[ch]pp", recursive=True),
    extra_compile_args=[*COMMON, *SANITIZER, "-pthread"],
    extra_link_args=[*SANITIZER, "-pthread"],
)
cython = [
    Extension(
        f"prum_match.{name}",
        [f"src/prum_match/{name.replace('.', '/')}.pyx"],
        # The codecs of messages are as fast at -O2; packing of strings loses a fifth.
        extra_compile_args=["-O2" if name.startswith("exchange.") else "-O3", "-g0", *SANITIZER],
        extra_link_args=SANITIZER,
    )
    for name in (
        "engine.segments._encode",
        "engine.tables._strings",
        "dna.profiles._alleles",
        "exchange.messages.records",
    )
]

setup(
    libraries=[kernel_library(isa) for isa in ISAS],
    ext_modules=[native, *cythonize(cython, include_path=["src"], build_dir="build/cython")],
)
