// Runs every registered test and prints one line for each; the exit status says whether all passed.
#include "check.h"

int failures = 0;

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

int main() {
  int failed = 0;
  for (const Test& test : tests()) {
    failures = 0;
    test.body();
    std::printf("%s %s\n", failures ? "FAILED" : "ok", test.name);
    failed += failures != 0;
  }
  return failed ? 1 : 0;
}
