// Sums the first 600 primes, TIMES times, with a chain of generators: one for each prime, which drops the multiples of
// its prime and passes on all other numbers. Usage: gen_primes TIMES
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Generator<long> from(long n) {
  for (;; n++) co_yield n;
}

static Generator<long> not_divided(long by, Generator<long> numbers) {
  while (numbers.next())
    if (numbers.value() % by != 0) co_yield numbers.value();
}

static long sum_of_primes(long count) {
  auto numbers = from(2);
  long sum = 0;
  for (long i = 0; i < count; i++) {
    numbers.next();
    const long prime = numbers.value();
    sum += prime;
    numbers = not_divided(prime, std::move(numbers));
  }
  return sum;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long sum = 0;
  for (long i = std::strtol(argv[1], nullptr, 10); i > 0; i--) sum += sum_of_primes(600);
  std::printf("%ld\n", sum);
}
