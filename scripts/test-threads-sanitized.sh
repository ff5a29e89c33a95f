#!/bin/sh
# Runs the tests in which native threads meet, or the files given, with ThreadSanitizer in the native code; then builds it
# again without. Any report, of a test's own process or of the C++ units, is printed at the end and fails the run.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- test/native test/engine test/matcher/eviction.test.ts
reports="$(mktemp -d)"
npm run --silent build:native -- -DESPALIER_SANITIZE=THREAD
trap 'rm -r "$reports"; npm run --silent build:native -- -DESPALIER_SANITIZE=OFF' EXIT
cmake --build build/native --target espalier_grammar_units espalier_engine_units
status=0
TSAN_OPTIONS="log_path=$reports/report:second_deadlock_stack=1" LD_PRELOAD="$(g++ -print-file-name=libtsan.so)" \
  npx vitest run --pool=forks "$@" || status=$?
for report in "$reports"/*; do
  [ ! -s "$report" ] || { cat "$report"; status=1; }
done
exit "$status"
