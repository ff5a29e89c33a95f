// When the engine plans a step ahead.
#include "engine/pace.h"

#include "check.h"

using espalier::Pace;

namespace {

// Steps of a device that takes `pass` µs and a host that takes `host`, in the order that the pace asks for; whether it
// overlaps in the end.
bool settles_on_overlap(double pass, double host, size_t forcing) {
  Pace pace;
  for (int step = 0; step < 60; ++step) {
    const bool overlap = pace.worth_overlapping();
    pace.landed(100, forcing);
    if (overlap)
      pace.stepped(pass, pass - host, true);
    else
      pace.stepped(pass + host, pass, false);
  }
  return pace.worth_overlapping();
}

}  // namespace

TEST(overlap_is_weighed_by_what_it_costs_and_saves) {
  CHECK(settles_on_overlap(8000, 1000, 0));
  CHECK(settles_on_overlap(8000, 1000, 10));
  CHECK(!settles_on_overlap(8000, 1000, 15));
  CHECK(settles_on_overlap(8000, 2000, 15));
  CHECK(!settles_on_overlap(8000, 50, 100));
}
