#!/bin/sh
# Runs the tests in which native threads meet, or the files given, with ThreadSanitizer in the native code; then builds it
# again without. Any report, of a test's own process or of the C++ units, is printed at the end and fails the run. Where the
# system places memory at random over more than 28 bits, GCC's ThreadSanitizer may refuse to start: run this by `setarch -R`.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- test/native test/engine test/matcher/eviction.test.ts
npm run --silent build:native -- -DESPALIER_SANITIZE=THREAD
reports="$(mktemp -d)"
trap 'rm -r "$reports"; npm run --silent build:native -- -DESPALIER_SANITIZE=OFF' EXIT
# Node and other packages' addons are not instrumented: how their threads meet is not seen.
printf 'race:^%s\n' v8:: node:: uv_ napi_ >"$reports/others"
echo 'race:node_modules/*.node' >>"$reports/others"
status=0
# Node by itself: a shell does not start with the sanitizer.
ESPALIER_LOAD_SECONDS=600 LD_PRELOAD="$(g++ -print-file-name=libtsan.so)" \
  TSAN_OPTIONS="suppressions=$reports/others:log_path=$reports/report:second_deadlock_stack=1" \
  node node_modules/vitest/vitest.mjs run --pool=forks "$@" || status=$?
for report in "$reports"/report*; do
  [ ! -s "$report" ] || { cat "$report"; status=1; }
done
exit "$status"
