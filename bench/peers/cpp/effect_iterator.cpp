// Sums the numbers 0 to COUNT. A generator gives the numbers one by one. Usage: effect_iterator COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Generator<long> range(long last) {
  for (long i = 0; i <= last; i++) co_yield i;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  unsigned long sum = 0;
  for (auto g = range(std::strtol(argv[1], nullptr, 10)); g.next();) {
    sum += g.value();
    step(sum);
  }
  std::printf("%lu\n", sum);
}
