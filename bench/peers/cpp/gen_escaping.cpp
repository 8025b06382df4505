// Sums COUNT elements of a generator. `escape` hides from the optimiser which generator is resumed.
// Usage: gen_escaping COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Generator<long> count(long n) {
  for (long i = 0; i < n; i++) co_yield i;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  unsigned long sum = 0;
  auto g = count(std::strtol(argv[1], nullptr, 10));
  escape(g);
  while (g.next()) {
    sum += g.value();
    step(sum);
  }
  std::printf("%lu\n", sum);
}
