// What the device's memory can do, for benchmarks to compare with.
#pragma once

namespace espalier::cuda {

/// Bytes a second, read and written, of the fastest of ten copies within the current device.
double measure_copies();

}  // namespace espalier::cuda
