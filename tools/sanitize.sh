#!/usr/bin/env bash
# Builds the native parts with sanitizers beside the ordinary build and runs the tests on them.
# -s: with output captured, a sanitizer's report is swallowed and only the exit code is seen.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

build() { # name, sanitizers
  rm -rf "build/$1/lib"
  PRUM_SANITIZE="$2" "$python" setup.py -q build --build-base "build/$1" --build-lib "build/$1/lib"
}

run() { # name, libraries to preload, tests...
  local name="$1" libraries="" library
  for library in $2; do libraries+="$(gcc -print-file-name="$library") "; done
  shift 2
  # The copy under test must be the instrumented one, not the installed one.
  PYTHONPATH="$PWD/build/$name/lib" LD_PRELOAD="$libraries" PYTHONMALLOC=malloc \
    "$python" -m pytest -q -s -p no:cacheprovider --timeout 900 "$@"
}

export ASAN_OPTIONS="detect_leaks=0:alloc_dealloc_mismatch=0"
export UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1"
# An example takes ten times as long as without, and tells more.
export PRUM_EXAMPLES="${PRUM_EXAMPLES:-20}"
export TSAN_OPTIONS="exitcode=66:report_thread_leaks=0:die_after_fork=0"

build asan address,undefined
# Two runs beside each other, since sanitizers take most of the time that all checks take. What is
# not marked as native is Python, or hands kernels less hostile input than what is.
asan() { run asan "libasan.so libubsan.so" -m "native and not slow and not on_disk" "$@"; }
asan tests --ignore tests/property &
asan tests/property
wait $!

build tsan thread
run tsan "libtsan.so" -m "not slow and not processes" tests/concurrency
