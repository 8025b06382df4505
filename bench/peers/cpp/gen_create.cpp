// Makes a generator, takes one element and drops the generator, COUNT times. `escape` hides from the optimiser
// which generator is resumed. Usage: gen_create COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Generator<long> count(long from, long to) {
  for (long i = from; i < to; i++) co_yield i;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const long n = std::strtol(argv[1], nullptr, 10);
  long sum = 0;
  for (long i = 0; i < n; i++) {
    auto g = count(i, n);
    escape(g);
    if (g.next()) sum += g.value();
  }
  std::printf("%ld\n", sum);
}
