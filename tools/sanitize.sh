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
export PRUM_EXAMPLES=20
export TSAN_OPTIONS="exitcode=66:report_thread_leaks=0:die_after_fork=0"

build asan address,undefined
# Two runs beside each other: sanitizers take most of the time that all checks take.
#
# The bounds of faces are judged by arithmetic in Python, and what other tiers do with large galleries
# they do with small ones; on disk it is the files that differ; readers of records are Python, and
# so are plates and persons one by one and the oracle of prints, whose kernels get worse input from tests/isa:
# minutes that find nothing more. The exchange is Python, but for its records.
asan() { run asan "libasan.so libubsan.so" "$@"; }

asan tests/engine tests/golden tests/isa/test_print_kernels.py tests/isa/test_vehicle_kernels.py \
  tests/unit/vehicle/test_vehicle_*.py tests/unit/vehicle/test_owner_[eq]*.py tests/unit/police_record/test_police_erasure.py \
  tests/unit/police_record/test_periods.py tests/unit/police_record/test_filters.py \
  tests/unit/police_record/test_keys.py tests/unit/police_record/test_tokens.py \
  tests/property/test_damaged_*.py \
  --ignore-glob 'tests/golden/test_*_records_golden.py' --ignore tests/golden/test_nist_golden.py \
  --ignore tests/golden/test_print_scores_golden.py --ignore tests/golden/test_vehicle_golden.py \
  --ignore tests/golden/test_vehicle_queries_golden.py --ignore tests/golden/test_febrl.py \
  --ignore tests/golden/test_police_queries_golden.py --ignore-glob 'tests/golden/test_exchange_*.py' \
  -k "not disk" &
asan tests/property --ignore-glob 'tests/property/test_damaged_*.py' \
  --ignore tests/property/test_face_bounds.py \
  --ignore tests/property/test_disk_machine.py --ignore tests/property/test_marker.py \
  --ignore-glob 'tests/property/test_*_records.py' --ignore tests/property/test_reading_any_file.py \
  --ignore tests/property/test_nist_transactions.py --ignore tests/property/test_print_ratios.py \
  --ignore tests/property/test_print_score.py --ignore tests/property/test_print_subjects.py \
  --ignore tests/property/test_edit_costs.py --ignore tests/property/test_patterns.py \
  --ignore tests/property/test_vehicle_wire.py --ignore tests/property/test_vehicle_strategies.py \
  --ignore-glob 'tests/property/test_any_p*.py' --ignore tests/property/test_any_name.py \
  --ignore tests/property/test_person_strategies.py --ignore tests/property/test_police_linkage.py \
  --ignore-glob 'tests/property/test_no_*_is_told.py' --ignore-glob 'tests/property/test_any_message*.py' \
  --ignore tests/property/test_audit_chain.py \
  -k "not (test_face_in_large_galleries and (avx2 or portable)) and not disk"
wait $!

build tsan thread
# Between processes it sees nothing.
run tsan "libtsan.so" tests/concurrency --ignore tests/concurrency/test_disk_processes.py
