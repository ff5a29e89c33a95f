// Matrix products y = x w^T: chosen among our skinny and streamed kernels and cuBLASLt's algorithms, by timing them on the device
// where a number of rows will come again and again.
#pragma once
#include <cublasLt.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"

namespace espalier::cuda {

/// One projection of the decoder; the layers share it.
template <class Element>
struct Linear {
  int outputs = 0, inputs = 0;
  Epilogue epilogue = Epilogue::Store;
  /// One matrix for each layer that has it, [outputs, inputs]: timing walks through them, so that weights come from memory, not cache.
  std::vector<const Element*> weights;
  /// What comes right before and right after the product, and may be done in it.
  bool normed = false, rotated = false;
  /// The algorithm is chosen by shape alone: the same on devices of one kind.
  bool untimed = false;
};

/// What of that a product does by itself.
struct Taken {
  bool norm = false, rotation = false;
};

/// The number of rows whose choice of algorithm serves this one: of decode sizes the next, of prefills the power of two
/// before.
int rows_tuned_for(int rows);

template <class Element>
class LinearRunner {
 public:
  explicit LinearRunner(cudaStream_t stream);
  ~LinearRunner();
  LinearRunner(const LinearRunner&) = delete;
  LinearRunner& operator=(const LinearRunner&) = delete;

  /// Times the candidates for this many rows and keeps the best; ESPALIER_CUDA_TRACE prints each to stderr. Overwrites
  /// `out` and `scratch`; not during capture.
  void tune(const Linear<Element>& linear, const Element* x, int rows, void* out, Element* scratch);

  /// Runs a product. SwiGlu and GeGlu write [rows, outputs / 2], by way of `scratch` [rows, outputs] where the product is
  /// cuBLASLt's; StoreFloat writes floats; Add adds to `out`.
  void run(const Linear<Element>& linear, const Element* w, const Element* x, int rows, void* out, Element* scratch);

  /// What run_around takes of so many rows; the rest of what is around the product needs kernels of its own.
  Taken takes(const Linear<Element>& linear, int rows);
  /// Runs a product with what it takes.
  void run_around(const Linear<Element>& linear, const Element* w, const Element* x, int rows,
                  const Around<Element>& around, void* out);

 private:
  enum class Way : uint8_t { Library, Skinny, Streamed };
  struct Choice {
    Way way = Way::Library;
    SkinnyShape shape;
    // Of streamed_gemm.
    int width = 0;
    cublasLtMatmulAlgo_t algorithm{};
    int index = 0;
    float micros = 0;
  };
  static std::string name_of(const Choice& choice);
  static Taken taken_by(const Linear<Element>& linear, const Choice& choice, int rows);
  static float cost(const Linear<Element>& linear, const Choice& choice, int rows);
  using Key = std::pair<const Linear<Element>*, int>;

  const Choice& choice_for(const Linear<Element>& linear, int rows);
  std::vector<Choice> candidates(const Linear<Element>& linear, int rows, int most);
  std::vector<Choice> library_candidates(const Linear<Element>& linear, int rows, int most);
  float time(const Linear<Element>& linear, const Choice& choice, const Element* x, int rows, void* out,
             Element* scratch, bool thorough);
  void run_choice(const Linear<Element>& linear, const Choice& choice, const Element* w, const Element* x, int rows,
                  void* out, Element* scratch);
  void run_library(const Linear<Element>& linear, const Choice& choice, const Element* w, const Element* x, int rows,
                   void* out);

  const cudaStream_t stream_;
  int multiprocessors_ = 0;
  cublasLtHandle_t handle_ = nullptr;
  Buffer<std::byte> workspace_;
  std::map<Key, Choice> choices_;
};

}  // namespace espalier::cuda
