#!/bin/sh
# Runs the tests (all, or the files given) with AddressSanitizer and UBSan in the native code; then builds it again without.
# Node itself never frees all it took, so leaks are not looked for.
set -eu
cd "$(dirname "$0")/.."
npm run --silent build:native -- -DESPALIER_SANITIZE=ADDRESS
trap 'npm run --silent build:native -- -DESPALIER_SANITIZE=OFF' EXIT
ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
  LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)" \
  npx vitest run --pool=forks "$@"
