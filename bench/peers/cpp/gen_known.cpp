// Sums COUNT elements of a generator. The function that contains the loop makes the generator, so clang can elide the
// frame of the coroutine. Usage: gen_known COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Generator<long> count(long n) {
  for (long i = 0; i < n; i++) co_yield i;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  unsigned long sum = 0;
  for (auto g = count(std::strtol(argv[1], nullptr, 10)); g.next();) {
    sum += g.value();
    step(sum);
  }
  std::printf("%lu\n", sum);
}
