// A KV page on its way: from page to page of the device, or between the device and the host tier, whose pages have
// numbers of their own.
#pragma once
#include <cstdint>

namespace espalier {

enum class PageWay : int32_t { OnDevice, ToHost, ToDevice };

/// The whole page, keys and values of all layers.
struct PageCopy {
  PageWay way;
  int32_t from, to;
};

}  // namespace espalier
