// Grouped products against plain sums, and the router against the CPU's.
#include <algorithm>
#include <array>
#include <numeric>

#include "cpu/router.h"
#include "espalier_cuda.h"
#include "support.h"

using namespace espalier;
using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

double activated(double gate, double up, bool gelu) {
  if (!gelu) return gate / (1 + std::exp(-gate)) * up;
  return 0.5 * gate * (1 + std::tanh(std::sqrt(2 / M_PI) * (gate + 0.044715 * gate * gate * gate))) * up;
}

// As a mixture does: choices sorted by expert on the device, rows of x by choice, outputs to the choices' places.
template <class Element>
void check_experts(int rows, int each, int experts, int inputs, int outputs, Epilogue epilogue) {
  const int choices = rows * each;
  std::vector<int32_t> chosen;
  for (int i = 0; i < choices; ++i) chosen.push_back(pick(-1, experts - 1));
  const float deviation = 1 / std::sqrt(static_cast<float>(inputs));
  const auto x = random_elements<Element>(static_cast<size_t>(rows) * inputs);
  const auto w = random_elements<Element>(static_cast<size_t>(experts) * outputs * inputs, deviation);
  const int tile_rows = grouped_tile_rows(choices / experts), most = most_expert_tiles(choices, experts, tile_rows);
  const auto on_device = to_device(chosen), order = to_device(std::vector<int32_t>(chosen.size(), -1));
  const auto tile_count = to_device(std::vector<int32_t>{-1});
  const Buffer<ExpertTile> tiles(static_cast<size_t>(most));
  sort_by_expert(on_device.get(), choices, tile_rows, order.get(), tiles.get(), tile_count.get(), nullptr);
  const auto w_device = to_device(w), x_device = to_device(x);
  const bool gate = epilogue != Epilogue::Store;
  const size_t width = static_cast<size_t>(gate ? outputs / 2 : outputs);
  const auto out = poisoned<Element>(static_cast<size_t>(choices) * width);
  GroupedProduct<Element> product;
  product.x = x_device.get();
  product.x_stride = static_cast<size_t>(inputs);
  product.w = w_device.get();
  product.w_step = static_cast<size_t>(outputs) * inputs;
  product.out = out.get();
  product.out_stride = width;
  product.outputs = outputs;
  product.inputs = inputs;
  product.epilogue = epilogue;
  product.tiles = tiles.get();
  product.tile_count = tile_count.get();
  product.order = order.get();
  product.per_token = each;
  product.ordered_input = product.ordered_output = true;
  grouped_product(product, tile_rows, most, nullptr);
  const auto host = to_host(out);
  CHECK(to_host(tile_count)[0] <= most);
  std::vector<float> found, expected;
  for (int choice = 0; choice < choices; choice += 1 + choices / 40) {
    if (chosen[choice] < 0) continue;
    std::vector<double> sums;
    for (int o = 0; o < outputs; ++o) {
      double sum = 0;
      for (int k = 0; k < inputs; ++k)
        sum += static_cast<double>(static_cast<float>(x[static_cast<size_t>(choice / each) * inputs + k])) *
               static_cast<float>(w[(static_cast<size_t>(chosen[choice]) * outputs + o) * inputs + k]);
      sums.push_back(sum);
    }
    for (size_t o = 0; o < width; ++o) {
      expected.push_back(static_cast<float>(
          gate ? activated(sums[2 * o], sums[2 * o + 1], epilogue == Epilogue::GeGlu) : sums[o]));
      found.push_back(static_cast<float>(host[static_cast<size_t>(choice) * width + o]));
    }
  }
  CHECK_NEAR(found, expected, kTolerance<Element>);
}

// As latent attention does: every group has all rows, interleaved with those of other groups.
template <class Element>
void check_heads(int rows, int groups, int inputs, int outputs) {
  const auto x = random_elements<Element>(static_cast<size_t>(rows) * groups * inputs);
  const auto w = random_elements<Element>(static_cast<size_t>(groups) * outputs * inputs,
                                          1 / std::sqrt(static_cast<float>(inputs)));
  const auto w_device = to_device(w), x_device = to_device(x);
  const auto out = poisoned<Element>(static_cast<size_t>(rows) * groups * outputs);
  GroupedProduct<Element> product;
  product.x = x_device.get();
  product.x_stride = static_cast<size_t>(groups * inputs);
  product.x_step = static_cast<size_t>(inputs);
  product.w = w_device.get();
  product.w_step = static_cast<size_t>(outputs) * inputs;
  product.out = out.get();
  product.out_stride = static_cast<size_t>(groups * outputs);
  product.out_step = static_cast<size_t>(outputs);
  product.outputs = outputs;
  product.inputs = inputs;
  product.groups = groups;
  product.rows = rows;
  grouped_product(product, grouped_tile_rows(rows), 0, nullptr);
  std::vector<float> expected;
  for (int row = 0; row < rows; ++row)
    for (int g = 0; g < groups; ++g)
      for (int o = 0; o < outputs; ++o) {
        double sum = 0;
        for (int k = 0; k < inputs; ++k)
          sum += static_cast<double>(static_cast<float>(x[(static_cast<size_t>(row) * groups + g) * inputs + k])) *
                 static_cast<float>(w[(static_cast<size_t>(g) * outputs + o) * inputs + k]);
        expected.push_back(static_cast<float>(sum));
      }
  CHECK_NEAR(to_host(out), expected, kTolerance<Element>);
}

void check_route(const Experts& experts, int rows) {
  const Router& r = experts.router;
  esp_cuda_experts e{};
  e.count = experts.count;
  e.per_token = experts.per_token;
  e.sigmoid = r.scores == Router::Scores::Sigmoid;
  e.groups = r.groups;
  e.groups_kept = r.groups_kept;
  e.group_members = r.group_members;
  e.normalize = r.normalize;
  e.scale = static_cast<float>(r.scale);
  const auto products = random_elements<float>(static_cast<size_t>(rows) * experts.count, 2);
  const auto bias = random_elements<float>(experts.count, 0.2f);
  std::vector<int32_t> positions(static_cast<size_t>(rows), 3), chosen_expected;
  positions[1] = -1;
  std::vector<float> weights_expected;
  for (int row = 0; row < rows; ++row) {
    std::vector<float> scratch(router_row_size(experts));
    std::copy_n(products.begin() + static_cast<ptrdiff_t>(row * experts.count), experts.count, scratch.begin());
    std::vector<ExpertChoice> choices(experts.per_token);
    espalier::route(experts, scratch.data(), r.bias ? bias.data() : nullptr, choices.data());
    for (const ExpertChoice& choice : choices) {
      chosen_expected.push_back(row == 1 ? -1 : static_cast<int32_t>(choice.expert));
      weights_expected.push_back(row == 1 ? 0 : choice.weight);
    }
  }
  const size_t count = static_cast<size_t>(rows) * experts.per_token;
  const auto chosen = poisoned<int32_t>(count);
  const auto weights = to_device(std::vector<float>(count, 0.0f));
  const auto products_device = to_device(products), bias_device = to_device(bias);
  const auto positions_device = to_device(positions);
  cuda::route(products_device.get(), r.bias ? bias_device.get() : nullptr, positions_device.get(), e, rows,
              chosen.get(), weights.get(), nullptr);
  CHECK(to_host(chosen) == chosen_expected);
  CHECK_NEAR(to_host(weights), weights_expected, 1e-6);
}

}  // namespace

TEST(experts_products) {
  check_experts<float>(9, 2, 5, 40, 34, Epilogue::Store);
  check_experts<float>(9, 2, 5, 40, 48, Epilogue::GeGlu);
  for (const auto& [rows, each, experts] : {std::array{1, 2, 8}, {7, 8, 60}, {40, 3, 6}, {300, 8, 16}, {130, 2, 3}})
    for (const Epilogue epilogue : {Epilogue::Store, Epilogue::SwiGlu, Epilogue::GeGlu}) {
      check_experts<bf16>(rows, each, experts, 264, 176, epilogue);
      check_experts<f16>(rows, each, experts, 24, 32, epilogue);
      check_experts<bf16>(rows, each, experts, 512, 256, epilogue);
    }
}

TEST(products_by_heads) {
  check_heads<float>(5, 3, 24, 16);
  for (const int rows : {1, 16, 17, 100}) {
    check_heads<bf16>(rows, 4, 128, 512);
    check_heads<f16>(rows, 3, 512, 128);
    check_heads<bf16>(rows, 4, 16, 24);
  }
}

TEST(router_equals_cpu) {
  using Scores = Router::Scores;
  check_route({.count = 8, .per_token = 2, .router = {.normalize = true}}, 30);
  check_route({.count = 60, .per_token = 4, .router = {}}, 30);
  check_route({.count = 128, .per_token = 8, .router = {.normalize = true}}, 50);
  check_route({.count = 160,
               .per_token = 6,
               .router = {.groups = 8, .groups_kept = 3, .group_members = 1, .scale = 16}},
              40);
  check_route({.count = 256,
               .per_token = 8,
               .router = {.scores = Scores::Sigmoid,
                          .bias = true,
                          .groups = 8,
                          .groups_kept = 4,
                          .group_members = 2,
                          .normalize = true,
                          .scale = 2.5}},
              60);
}
