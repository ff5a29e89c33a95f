// Lists of what a step's rows need, each sent with one copy; kernels that few requests need are launched for their rows
// alone.
#include "cuda/device/chooser.h"

#include <algorithm>
#include <string>

namespace espalier::cuda {
namespace {

template <class Memory>
void grow(Memory& memory, size_t count) {
  if (memory.count() < count) memory.allocate(std::max<size_t>(count, 2 * memory.count()));
}

}  // namespace

template <class Entry>
void Chooser::Sent<Entry>::begin(size_t most) {
  grow(host, most);
  grow(device, most);
  count = 0;
}

template <class Entry>
void Chooser::Sent<Entry>::send(cudaStream_t stream) {
  if (count == 0) return;
  ESP_CUDA_CHECK(cudaMemcpyAsync(device.get(), host.get(), count * sizeof(Entry), cudaMemcpyHostToDevice, stream));
}

int32_t* Chooser::allocate_masks(size_t rows) {
  if (mask_rows_.count > 0) throw CudaError("allocate_masks: there are mask rows already");
  masks_host_.allocate(rows * words_);
  masks_.allocate(rows * words_);
  mask_rows_ = {masks_host_.get(), masks_.get(), rows};
  return masks_host_.get();
}

void Chooser::share_masks(const Chooser& owner) {
  if (mask_rows_.count > 0) throw CudaError("share_masks: there are mask rows already");
  if (owner.vocab_ != vocab_) throw CudaError("share_masks: the vocabularies differ in size");
  mask_rows_ = owner.mask_rows_;
}

// Rows that follow each other go as one copy.
void Chooser::send_masks(std::span<const int32_t> rows) {
  std::vector<int32_t> sorted(rows.begin(), rows.end());
  std::ranges::sort(sorted);
  for (size_t first = 0, next; first < sorted.size(); first = next) {
    for (next = first + 1; next < sorted.size() && sorted[next] <= sorted[next - 1] + 1;) ++next;
    if (sorted[first] < 0 || static_cast<size_t>(sorted[next - 1]) >= mask_rows_.count)
      throw CudaError("send_masks: there is no such mask row");
    const size_t offset = static_cast<size_t>(sorted[first]) * words_;
    const size_t count = static_cast<size_t>(sorted[next - 1] - sorted[first] + 1) * words_;
    ESP_CUDA_CHECK(cudaMemcpyAsync(mask_rows_.device + offset, mask_rows_.host + offset, count * sizeof(int32_t),
                                   cudaMemcpyHostToDevice, upload_.get()));
  }
}

void Chooser::check(std::span<const esp_cuda_choice> choices, const LogitRows& rows) const {
  std::vector<uint8_t> uses(rows.places.size(), 0);
  for (const esp_cuda_choice& choice : choices) {
    if (choice.logit_row >= rows.places.size()) throw CudaError("sample: there is no such row of logits");
    if (choice.mask >= 0 && static_cast<size_t>(choice.mask) >= mask_rows_.count)
      throw CudaError("sample: there is no mask row " + std::to_string(choice.mask));
    if (choice.alternatives < 0 || choice.alternatives > ESP_CUDA_MOST_ALTERNATIVES)
      throw CudaError("sample: log-probabilities of " + std::to_string(choice.alternatives) +
                      " alternatives; ESP_CUDA_MOST_ALTERNATIVES is the most");
    for (size_t i = 0; i < choice.adjustment_count; ++i)
      if (choice.adjustments[i].token < 0 || static_cast<size_t>(choice.adjustments[i].token) >= vocab_)
        throw CudaError("sample: an adjustment's token is outside the vocabulary");
    // 1: used as it is, 2: with adjustments.
    uint8_t& use = uses[choice.logit_row];
    if (use == 2 || (use == 1 && choice.adjustment_count > 0))
      throw CudaError("sample: two choices of one row of logits, and one of them has adjustments");
    use = choice.adjustment_count > 0 ? 2 : 1;
  }
}

void Chooser::list_choices(std::span<const esp_cuda_choice> choices, const LogitRows& rows) {
  choices_.begin(choices.size());
  for (const esp_cuda_choice& choice : choices) {
    SampleRow& row = choices_.add();
    row.logits = rows.logits + rows.places[choice.logit_row] * vocab_;
    row.mask = choice.mask < 0 ? nullptr : mask_rows_.device + static_cast<size_t>(choice.mask) * words_;
    row.temperature = static_cast<float>(choice.temperature);
    row.top_p = static_cast<float>(choice.top_p);
    row.min_p = static_cast<float>(choice.min_p);
    row.top_k = static_cast<uint32_t>(std::min<uint64_t>(choice.top_k, UINT32_MAX));
    row.uniform = choice.uniform;
  }
}

void Chooser::list_adjustments(std::span<const esp_cuda_choice> choices, const LogitRows& rows) {
  size_t adjusted = 0, all = 0;
  for (const esp_cuda_choice& choice : choices) {
    adjusted += choice.adjustment_count > 0;
    all += choice.adjustment_count;
  }
  adjusted_.begin(adjusted);
  adjustments_.begin(all);
  grow(before_, all);
  for (const esp_cuda_choice& choice : choices) {
    if (choice.adjustment_count == 0) continue;
    const size_t first = adjustments_.count;
    std::copy_n(choice.adjustments, choice.adjustment_count, adjustments_.host.get() + first);
    adjustments_.count += choice.adjustment_count;
    adjusted_.add() = {rows.logits + rows.places[choice.logit_row] * vocab_,
                       adjustments_.device.get() + first,
                       before_.get() + first,
                       static_cast<uint32_t>(choice.adjustment_count),
                       choice.repetition_penalty,
                       choice.frequency_penalty,
                       choice.presence_penalty};
  }
}

void Chooser::list_logprobs(std::span<const esp_cuda_choice> choices, const LogitRows& rows) {
  wanted_.begin(choices.size());
  for (size_t i = 0; i < choices.size(); ++i)
    if (choices[i].wants_logprobs)
      wanted_.add() = {rows.logits + rows.places[choices[i].logit_row] * vocab_, static_cast<int32_t>(i),
                       choices[i].alternatives};
  grow(logprobs_, wanted_.count);
  grow(logprobs_host_, wanted_.count);
}

void Chooser::sample(std::span<const esp_cuda_choice> choices, const LogitRows& rows, int32_t* tokens,
                     cudaStream_t stream) {
  // The last call's copies may still run if its tokens were not taken.
  ESP_CUDA_CHECK(cudaEventSynchronize(done_.get()));
  check(choices, rows);
  grow(tokens_host_, choices.size());
  list_choices(choices, rows);
  list_adjustments(choices, rows);
  list_logprobs(choices, rows);
  const cudaStream_t upload = upload_.get();
  choices_.send(upload);
  adjusted_.send(upload);
  adjustments_.send(upload);
  wanted_.send(upload);
  ESP_CUDA_CHECK(cudaEventRecord(uploaded_.get(), upload));
  ESP_CUDA_CHECK(cudaStreamWaitEvent(stream, uploaded_.get(), 0));
  const int adjusted = static_cast<int>(adjusted_.count), wanted = static_cast<int>(wanted_.count);
  const int vocab = static_cast<int>(vocab_), count = static_cast<int>(choices.size());
  const size_t room = sample_room(count, vocab);
  grow(sample_room_, room);
  if (adjusted > 0) adjust_rows(adjusted_.device.get(), adjusted, stream);
  sample_rows(choices_.device.get(), count, vocab, room > 0 ? sample_room_.get() : nullptr, tokens, stream);
  if (adjusted > 0) restore_rows(adjusted_.device.get(), adjusted, stream);
  ESP_CUDA_CHECK(
      cudaMemcpyAsync(tokens_host_.get(), tokens, choices.size() * sizeof(int32_t), cudaMemcpyDeviceToHost, stream));
  if (wanted > 0) {
    find_logprobs(wanted_.device.get(), wanted, vocab, tokens, logprobs_.get(), stream);
    ESP_CUDA_CHECK(cudaMemcpyAsync(logprobs_host_.get(), logprobs_.get(), wanted_.count * sizeof(esp_cuda_logprobs),
                                   cudaMemcpyDeviceToHost, stream));
  }
  ESP_CUDA_CHECK(cudaEventRecord(done_.get(), stream));
  chosen_count_ = choices.size();
}

void Chooser::take(std::span<int32_t> tokens, std::span<esp_cuda_logprobs> logprobs) {
  if (tokens.size() > chosen_count_) throw CudaError("take: fewer tokens were chosen");
  ESP_CUDA_CHECK(cudaEventSynchronize(done_.get()));
  std::copy_n(tokens_host_.get(), tokens.size(), tokens.data());
  for (size_t i = 0; i < wanted_.count; ++i) {
    const auto choice = static_cast<size_t>(wanted_.host.get()[i].choice);
    if (choice < logprobs.size()) logprobs[choice] = logprobs_host_.get()[i];
  }
}

void Chooser::score(std::span<const int32_t> tokens, int32_t alternatives, const LogitRows& rows,
                    std::span<esp_cuda_logprobs> out, cudaStream_t stream) {
  if (tokens.size() > rows.places.size()) throw CudaError("score: there are more tokens than rows of logits");
  if (alternatives < 0 || alternatives > ESP_CUDA_MOST_ALTERNATIVES)
    throw CudaError("score: log-probabilities of " + std::to_string(alternatives) +
                    " alternatives; ESP_CUDA_MOST_ALTERNATIVES is the most");
  if (tokens.empty()) return;
  scored_tokens_.begin(tokens.size());
  scored_.begin(tokens.size());
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] < 0 || static_cast<size_t>(tokens[i]) >= vocab_)
      throw CudaError("score: token " + std::to_string(tokens[i]) + " is outside the vocabulary");
    scored_tokens_.add() = tokens[i];
    scored_.add() = {rows.logits + rows.places[i] * vocab_, static_cast<int32_t>(i), alternatives};
  }
  grow(scores_, tokens.size());
  scored_tokens_.send(stream);
  scored_.send(stream);
  find_logprobs(scored_.device.get(), static_cast<int>(tokens.size()), static_cast<int>(vocab_),
                scored_tokens_.device.get(), scores_.get(), stream);
  ESP_CUDA_CHECK(cudaMemcpyAsync(out.data(), scores_.get(), tokens.size() * sizeof(esp_cuda_logprobs),
                                 cudaMemcpyDeviceToHost, stream));
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream));
}

}  // namespace espalier::cuda
