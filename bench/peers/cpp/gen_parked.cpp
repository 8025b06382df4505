// COUNT generators are suspended at once, each after its first element. Then each gives its second element. Usage:
// gen_parked COUNT
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>
#include <vector>

static Generator<long> count(long from, long to) {
  for (long i = from; i < to; i++) co_yield i;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  const long n = std::strtol(argv[1], nullptr, 10);
  std::vector<Generator<long>> generators;
  generators.reserve(n);
  long sum = 0;
  for (long i = 0; i < n; i++) {
    generators.push_back(count(i, i + 3));
    generators.back().next();
    sum -= generators.back().value();
  }
  for (auto &g : generators) {
    g.next();
    sum += g.value();
  }
  std::printf("%ld\n", sum);
}
