#!/usr/bin/env bash
# Builds the engine's C++ units for 64-bit ARM and runs those of the kernels in an emulator, on processors with and without
# the dot products. Needs g++-aarch64-linux-gnu, qemu-user and CMake (Debian's names); says which of them is missing.
set -eu
cd "$(dirname "$0")/.."

for tool in cmake aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" >/dev/null || { echo "check-neon: $tool is not installed" >&2; exit 1; }
done

build=build/neon
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Release -DESPALIER_CUDA=OFF -DCMAKE_SYSTEM_NAME=Linux \
  -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_EXE_LINKER_FLAGS=-static
cmake --build "$build" --target espalier_engine_units --parallel "${ESPALIER_BUILD_JOBS:-2}"

tests=$(sed -n 's/^TEST(\(.*\)) {$/\1/p' test/native/engine/units/kernels.cc test/native/engine/units/quantized.cc)
# Each processor, and the kernels that it should choose.
for pair in cortex-a53:neon neoverse-n1:neondot max:neoni8mm; do
  echo "== ${pair%:*}"
  # shellcheck disable=SC2086
  ESPALIER_EXPECTED_KERNELS=${pair#*:} qemu-aarch64 -cpu "${pair%:*}" "$build/espalier_engine_units" $tests
done
