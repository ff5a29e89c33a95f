#!/usr/bin/env bash
# Compiles the CUDA back end, its tests and its benchmark into build/cuda on any Linux machine, GPU or not: nvcc comes from
# $CUDACXX, else from the PATH, else from PyPI (scripts/fetch-cuda.sh). Arguments go to CMake.
set -eu
cd "$(dirname "$0")/.."
nvcc=${CUDACXX:-$(command -v nvcc || scripts/fetch-cuda.sh)}
cmake -S . -B build/cuda -DCMAKE_BUILD_TYPE=Release -DESPALIER_CUDA=ON -DCMAKE_CUDA_COMPILER="$nvcc" "$@"
cmake --build build/cuda --parallel "$(nproc)" --target ${ESPALIER_CUDA_TARGETS:-espalier_cuda espalier_cuda_tests espalier_cuda_bench}
