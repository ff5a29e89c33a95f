// Every family's fixture through the CUDA back end beside the CPU's, in all ways that a token can take to the pages. The
// folder that test/native/cuda/write-specs.ts wrote is in ESPALIER_FAMILIES; without it the tests fail.
#include "cpu/backend.h"
#include "cuda/client/backend.h"
#include "devices.h"
#include "family_runs.h"
#include "family_spec.h"
#include "support.h"

using namespace espalier;
using namespace espalier::cuda::test;

namespace {

// Of rows' distances. What most rows keep, and every row; but in elements of two bytes a rounding may send a token to another
// expert, and then its row is off.
struct Tolerance {
  double three_quarters, every;
};

void check_family(const std::filesystem::path& file, CudaCompute compute, const char* name,
                  const Tolerance& tolerance, size_t ranks = 1) {
  const FamilySpec family(file);
  const auto decoder = std::make_shared<const Decoder>(family.spec);
  const Run run{decoder, family.prompt, family.spec.config.vocab_size};
  CpuBackend cpu(decoder, 4);
  CudaBackend gpu(decoder, compute, ranks);
  const std::vector<float> expected = all_logits(cpu, run), found = all_logits(gpu, run);
  CHECK(found.size() == expected.size());
  const std::vector<double> distances = row_distances(found, expected, run.vocab);
  const bool exact = compute == CudaCompute::F32, experts = family.spec.config.experts.count > 0;
  const auto tokens = continued(gpu, run, family.greedy.size());
  size_t same = 0;
  while (same < tokens.size() && tokens[same] == family.greedy[same]) ++same;
  std::printf("  %s %s: distance %.2g median, %.2g at three quarters, %.2g most; %zu of %zu greedy tokens\n",
              file.stem().c_str(), name, distances[distances.size() / 2], distances[distances.size() * 3 / 4],
              distances.back(), same, tokens.size());
  CHECK(distances[distances.size() * 3 / 4] <= tolerance.three_quarters);
  if (exact || !experts) CHECK(distances.back() <= tolerance.every);
  if (exact) CHECK(same == family.greedy.size());
}

}  // namespace

TEST(families_float32) {
  CHECK(families().size() == 18);
  for (const auto& file : families()) check_family(file, CudaCompute::F32, "float32", {5e-6, 1e-5});
}

TEST(families_bfloat16) {
  for (const auto& file : families()) check_family(file, CudaCompute::BF16, "bfloat16", {4e-2, 1.5e-1});
}

TEST(families_float16) {
  for (const auto& file : families()) check_family(file, CudaCompute::F16, "float16", {4e-3, 1.5e-2});
}

// Sums by NCCL, and by reading each other's memory.
TEST(families_over_two_devices_through_nccl) {
  if (!has_devices(2)) return;
  const DirectSums sums(false);
  for (const auto& file : families()) check_family(file, CudaCompute::F32, "float32 x 2, NCCL", {5e-6, 1e-5}, 2);
}

TEST(families_over_two_devices) {
  if (!has_devices(2)) return;
  for (const auto& file : families()) {
    check_family(file, CudaCompute::F32, "float32 x 2", {5e-6, 1e-5}, 2);
    check_family(file, CudaCompute::BF16, "bfloat16 x 2", {4e-2, 1.5e-1}, 2);
  }
}
