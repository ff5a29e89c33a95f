#!/usr/bin/env bash
# Installs nvcc and the headers and libraries that the CUDA back end is built with, from PyPI, into a folder
# (default: .cache/cuda), once. Prints the path of nvcc. Needs Python 3 with venv; no GPU, no root.
set -eu
cd "$(dirname "$0")/.."
folder=$(realpath -m "${1:-.cache/cuda}")
wheels="nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-runtime==13.0.96
  nvidia-cuda-cccl==13.0.85 nvidia-cublas==13.0.2.14"
stamp="$folder/wheels.txt"
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wheels" ]; then
  rm -rf "$folder"
  python3 -m venv "$folder" >&2
  # shellcheck disable=SC2086
  "$folder/bin/pip" install --quiet --disable-pip-version-check $wheels >&2
  toolkit=$(echo "$folder"/lib/python3*/site-packages/nvidia/cu13)
  # nvcc looks for lib64, CMake for libraries without a version in their names.
  ln -sfn lib "$toolkit/lib64"
  ln -sfn libcublasLt.so.13 "$toolkit/lib/libcublasLt.so"
  ln -sfn libcublas.so.13 "$toolkit/lib/libcublas.so"
  ln -sfn libcudart.so.13 "$toolkit/lib/libcudart.so"
  echo "$wheels" >"$stamp"
fi
echo "$folder"/lib/python3*/site-packages/nvidia/cu13/bin/nvcc
