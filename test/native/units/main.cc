// Runs every registered test, or those named as arguments, and prints one line for each; the exit status says whether
// all passed.
#include <algorithm>

#include "check.h"

int failures = 0;

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

int main(int count, char** values) {
  const std::vector<std::string> wanted(values + 1, values + count);
  int failed = 0;
  for (const Test& test : tests()) {
    if (!wanted.empty() && std::ranges::find(wanted, test.name) == wanted.end()) continue;
    failures = 0;
    test.body();
    std::printf("%s %s\n", failures ? "FAILED" : "ok", test.name);
    std::fflush(stdout);
    failed += failures != 0;
  }
  return failed ? 1 : 0;
}
