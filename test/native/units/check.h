// The smallest of test frames: TEST registers a function, CHECK notes a failure with its place and goes on.
#pragma once
#include <cstdio>
#include <string>
#include <vector>

struct Test {
  const char* name;
  void (*body)();
};

std::vector<Test>& tests();
extern int failures;

inline bool register_test(const char* name, void (*body)()) {
  tests().push_back({name, body});
  return true;
}

#define TEST(name)                                                         \
  static void test_##name();                                               \
  static const bool registered_##name = register_test(#name, test_##name); \
  static void test_##name()

#define CHECK(condition)                                                          \
  do {                                                                            \
    if (!(condition)) {                                                           \
      ++failures;                                                                 \
      std::printf("  %s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
    }                                                                             \
  } while (false)
