// cuBLASLt computes in columns: y^T [outputs, rows] = w [outputs, inputs] x^T, so that our rows are its columns.
#include "cuda/device/linear.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <type_traits>

#include "cuda/device/features.h"

namespace espalier::cuda {
namespace {

constexpr size_t kWorkspaceBytes = size_t{64} << 20;
// Rows of a prefill, not of a decode step.
constexpr int kManyRows = 1024;
constexpr int kTunedAlgorithms = 8;
constexpr size_t kFinalists = 6;
// What a small kernel between two products takes, on a Hopper GPU.
constexpr float kKernelMicros = 2;
// Many rows hold a card at its limit of power. There the streamed product of gate and up is quicker than cuBLASLt's, though timed
// alone it takes up to 14 % longer (H100, H200).
constexpr int kLoadedRows = 512;
constexpr float kLibraryUnderLoad = 1.15f;

struct Layout {
  cublasLtMatrixLayout_t handle = nullptr;
  Layout(cudaDataType_t type, int rows, int columns, int stride) {
    ESP_CUDA_CHECK(
        cublasLtMatrixLayoutCreate(&handle, type, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), stride));
  }
  Layout(const Layout&) = delete;
  ~Layout() { cublasLtMatrixLayoutDestroy(handle); }
};

// The operation of one product: w is stored by rows, so it is transposed from the library's point of view.
struct Operation {
  cublasLtMatmulDesc_t description = nullptr;
  Layout w, x, y;
  Operation(cudaDataType_t type, cudaDataType_t out, int outputs, int inputs, int rows)
      : w(type, inputs, outputs, inputs), x(type, inputs, rows, inputs), y(out, outputs, rows, outputs) {
    ESP_CUDA_CHECK(cublasLtMatmulDescCreate(&description, CUBLAS_COMPUTE_32F, CUDA_R_32F));
    const cublasOperation_t transpose = CUBLAS_OP_T;
    ESP_CUDA_CHECK(
        cublasLtMatmulDescSetAttribute(description, CUBLASLT_MATMUL_DESC_TRANSA, &transpose, sizeof(transpose)));
  }
  Operation(const Operation&) = delete;
  ~Operation() { cublasLtMatmulDescDestroy(description); }
};

template <class Element>
Operation operation_of(const Linear<Element>& linear, int rows) {
  const cudaDataType_t type = std::is_same_v<Element, float>  ? CUDA_R_32F
                              : std::is_same_v<Element, bf16> ? CUDA_R_16BF
                                                              : CUDA_R_16F;
  const cudaDataType_t out = linear.epilogue == Epilogue::StoreFloat ? CUDA_R_32F : type;
  return Operation(type, out, linear.outputs, linear.inputs, rows);
}

template <class Element>
bool is_gated(const Linear<Element>& linear) {
  return linear.epilogue == Epilogue::SwiGlu || linear.epilogue == Epilogue::GeGlu;
}

}  // namespace

int rows_tuned_for(int rows) {
  if (rows >= kManyRows) return static_cast<int>(std::bit_floor(static_cast<unsigned>(rows)));
  if (rows <= 64) return static_cast<int>(std::bit_ceil(static_cast<unsigned>(rows)));
  const int step = rows <= 256 ? 32 : 64;
  return (rows + step - 1) / step * step;
}

template <class Element>
LinearRunner<Element>::LinearRunner(cudaStream_t stream) : stream_(stream), workspace_(kWorkspaceBytes) {
  int device = 0;
  ESP_CUDA_CHECK(cudaGetDevice(&device));
  ESP_CUDA_CHECK(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, device));
  ESP_CUDA_CHECK(cublasLtCreate(&handle_));
}

template <class Element>
LinearRunner<Element>::~LinearRunner() {
  cublasLtDestroy(handle_);
}

template <class Element>
std::vector<typename LinearRunner<Element>::Choice> LinearRunner<Element>::library_candidates(
    const Linear<Element>& linear, int rows, int most) {
  const Operation operation = operation_of(linear, rows);
  cublasLtMatmulPreference_t preference = nullptr;
  ESP_CUDA_CHECK(cublasLtMatmulPreferenceCreate(&preference));
  ESP_CUDA_CHECK(cublasLtMatmulPreferenceSetAttribute(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                                                      &kWorkspaceBytes, sizeof(kWorkspaceBytes)));
  std::vector<cublasLtMatmulHeuristicResult_t> results(static_cast<size_t>(most));
  int found = 0;
  const cublasStatus_t status =
      cublasLtMatmulAlgoGetHeuristic(handle_, operation.description, operation.w.handle, operation.x.handle,
                                     operation.y.handle, operation.y.handle, preference, most, results.data(), &found);
  cublasLtMatmulPreferenceDestroy(preference);
  ESP_CUDA_CHECK(status);
  if (found == 0) throw CudaError("cuBLASLt has no algorithm for a product of this shape");
  std::vector<Choice> choices;
  for (int i = 0; i < found; ++i) {
    Choice choice;
    choice.algorithm = results[static_cast<size_t>(i)].algo;
    choice.index = i;
    choices.push_back(choice);
  }
  return choices;
}

template <class Element>
std::vector<typename LinearRunner<Element>::Choice> LinearRunner<Element>::candidates(const Linear<Element>& linear,
                                                                                      int rows, int most) {
  std::vector<Choice> all = library_candidates(linear, rows, most);
  if constexpr (sizeof(Element) == 2) {
    for (const int m_tiles : {1, 2, 4})
      for (const int cluster : {1, 2, 4, 8}) {
        Choice choice;
        choice.way = Way::Skinny;
        choice.shape = {m_tiles, cluster};
        if (skinny_fits(linear.outputs, linear.inputs, rows_tuned_for(rows), choice.shape)) all.push_back(choice);
      }
    for (const int width : kStreamedWidths) {
      Choice choice;
      choice.way = Way::Streamed;
      choice.width = width;
      if (is_gated(linear) && streamed_fits(linear.outputs, linear.inputs, rows, width)) all.push_back(choice);
    }
  }
  return all;
}

template <class Element>
float LinearRunner<Element>::time(const Linear<Element>& linear, const Choice& choice, const Element* x, int rows,
                                  void* out, Element* scratch, bool thorough) {
  // More weights than the second-level cache holds.
  const size_t layers = std::min<size_t>(linear.weights.size(), rows >= kManyRows ? 2 : 16);
  const int rounds = rows >= kManyRows || !thorough ? 1 : linear.weights.size() == 1 ? 6 : 3;
  const auto walk = [&](size_t count) {
    for (size_t layer = 0; layer < count; ++layer)
      run_choice(linear, choice, linear.weights[layer], x, rows, out, scratch);
  };
  cudaEvent_t begin, end;
  ESP_CUDA_CHECK(cudaEventCreate(&begin));
  ESP_CUDA_CHECK(cudaEventCreate(&end));
  walk(std::min<size_t>(layers, 2));
  ESP_CUDA_CHECK(cudaEventRecord(begin, stream_));
  for (int round = 0; round < rounds; ++round) walk(layers);
  ESP_CUDA_CHECK(cudaEventRecord(end, stream_));
  ESP_CUDA_CHECK(cudaEventSynchronize(end));
  float milliseconds = 0;
  ESP_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, begin, end));
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  return milliseconds * 1000 / static_cast<float>(layers * static_cast<size_t>(rounds));
}

template <class Element>
void LinearRunner<Element>::tune(const Linear<Element>& linear, const Element* x, int rows, void* out,
                                 Element* scratch) {
  if (linear.weights.empty() || linear.untimed) return;
  const Key key{&linear, rows_tuned_for(rows)};
  if (const auto found = choices_.find(key); found != choices_.end() && found->second.micros > 0) return;
  static const bool trace = std::getenv("ESPALIER_CUDA_TRACE") != nullptr;
  // All of them briefly, then the best few again.
  std::vector<Choice> all = candidates(linear, rows, kTunedAlgorithms);
  for (Choice& choice : all) choice.micros = time(linear, choice, x, rows, out, scratch, false);
  const auto cost_of = [&](const Choice& choice) { return cost(linear, choice, rows); };
  std::ranges::sort(all, {}, cost_of);
  if (rows < kManyRows) all.resize(std::min(all.size(), kFinalists));
  Choice best;
  for (Choice& choice : all) {
    if (rows < kManyRows) choice.micros = time(linear, choice, x, rows, out, scratch, true);
    if (trace)
      std::fprintf(stderr, "tune %d rows of %d x %d: %s\n", rows, linear.outputs, linear.inputs,
                   name_of(choice).c_str());
    if (best.micros == 0 || cost_of(choice) < cost_of(best)) best = choice;
  }
  choices_[key] = best;
}

template <class Element>
const typename LinearRunner<Element>::Choice& LinearRunner<Element>::choice_for(const Linear<Element>& linear,
                                                                                int rows) {
  const Key key{&linear, rows_tuned_for(rows)};
  const auto found = choices_.find(key);
  if (found != choices_.end()) return found->second;
  if constexpr (sizeof(Element) == 2) {
    Choice choice;
    choice.way = Way::Skinny;
    choice.shape = {2, linear.outputs >= 16384 || !features().clusters ? 1 : 4};
    if (skinny_fits(linear.outputs, linear.inputs, rows_tuned_for(rows), choice.shape)) return choices_[key] = choice;
  }
  return choices_[key] = library_candidates(linear, rows, 1).front();
}

template <class Element>
void LinearRunner<Element>::run(const Linear<Element>& linear, const Element* w, const Element* x, int rows, void* out,
                                Element* scratch) {
  run_choice(linear, choice_for(linear, rows), w, x, rows, out, scratch);
}

template <class Element>
Taken LinearRunner<Element>::taken_by(const Linear<Element>& linear, const Choice& choice, int rows) {
  if (choice.way != Way::Skinny) return {};
  return {linear.normed && skinny_fits_norm(linear.inputs, rows, choice.shape),
          linear.rotated && skinny_fits_rotation(rows, choice.shape)};
}

template <class Element>
float LinearRunner<Element>::cost(const Linear<Element>& linear, const Choice& choice, int rows) {
  const Taken taken = taken_by(linear, choice, rows);
  const bool loaded = choice.way == Way::Library && is_gated(linear) && rows >= kLoadedRows;
  return choice.micros * (loaded ? kLibraryUnderLoad : 1) -
         kKernelMicros * static_cast<float>(taken.norm + taken.rotation);
}

template <class Element>
Taken LinearRunner<Element>::takes(const Linear<Element>& linear, int rows) {
  return taken_by(linear, choice_for(linear, rows), rows);
}

template <class Element>
void LinearRunner<Element>::run_around(const Linear<Element>& linear, const Element* w, const Element* x, int rows,
                                       const Around<Element>& around, void* out) {
  if constexpr (sizeof(Element) == 2)
    skinny_gemm_around(w, x, linear.outputs, linear.inputs, rows, linear.epilogue, choice_for(linear, rows).shape, around,
                       out, stream_);
}

template <class Element>
void LinearRunner<Element>::run_choice(const Linear<Element>& linear, const Choice& choice, const Element* w,
                                       const Element* x, int rows, void* out, Element* scratch) {
  if constexpr (sizeof(Element) == 2) {
    if (choice.way == Way::Skinny) {
      skinny_gemm(w, x, linear.outputs, linear.inputs, rows, linear.epilogue, choice.shape, out, stream_);
      return;
    }
    if (choice.way == Way::Streamed) {
      streamed_gemm(w, x, linear.outputs, linear.inputs, rows, linear.epilogue == Epilogue::GeGlu, choice.width,
                    multiprocessors_, static_cast<Element*>(out), stream_);
      return;
    }
  }
  if (!is_gated(linear)) {
    run_library(linear, choice, w, x, rows, out);
    return;
  }
  run_library(linear, choice, w, x, rows, scratch);
  activate(scratch, nullptr, linear.epilogue == Epilogue::GeGlu, rows, linear.outputs / 2, static_cast<Element*>(out),
           stream_);
}

template <class Element>
void LinearRunner<Element>::run_library(const Linear<Element>& linear, const Choice& choice, const Element* w,
                                        const Element* x, int rows, void* out) {
  const Operation operation = operation_of(linear, rows);
  const float one = 1, beta = linear.epilogue == Epilogue::Add ? 1 : 0;
  const auto multiply = [&](const cublasLtMatmulAlgo_t* algorithm) {
    return cublasLtMatmul(handle_, operation.description, &one, w, operation.w.handle, x, operation.x.handle, &beta,
                          out, operation.y.handle, out, operation.y.handle, algorithm, workspace_.get(),
                          kWorkspaceBytes, stream_);
  };
  const cublasStatus_t status = multiply(&choice.algorithm);
  // An algorithm chosen for another number of rows of the same bucket may refuse this one: the library chooses then.
  if (status == CUBLAS_STATUS_NOT_SUPPORTED || status == CUBLAS_STATUS_INVALID_VALUE)
    ESP_CUDA_CHECK(multiply(nullptr));
  else
    ESP_CUDA_CHECK(status);
}

template <class Element>
std::string LinearRunner<Element>::name_of(const Choice& choice) {
  const SkinnyShape& shape = choice.shape;
  const std::string name =
      choice.way == Way::Skinny     ? "skinny m" + std::to_string(shape.m_tiles) + " c" + std::to_string(shape.cluster)
      : choice.way == Way::Streamed ? "streamed " + std::to_string(choice.width)
                                    : "cublasLt " + std::to_string(choice.index);
  return name + ", " + std::to_string(choice.micros) + " us";
}

template class LinearRunner<float>;
template class LinearRunner<bf16>;
template class LinearRunner<f16>;

}  // namespace espalier::cuda
