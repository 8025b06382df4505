// Sums the primes below N. The innermost coroutine asks the coroutine around it whether a number is prime. Each prime
// adds a new innermost coroutine. The coroutine that found the prime then answers no for the multiples of the prime,
// and passes all other questions on to the coroutine around it. Usage: effect_handler_sieve N
#include "coroutine.hpp"
#include <cstdio>
#include <cstdlib>

static Dialogue<long, bool> primes(long from, long n, long sum) {
  for (long i = from; i < n; i++) {
    const bool is_prime = co_yield i;
    if (!is_prime) continue;
    auto inside = primes(i + 1, n, sum + i);
    while (inside.resume()) {
      const long asked = inside.question();
      bool answer = false;
      if (asked % i != 0) answer = co_yield asked;
      inside.answer(answer);
    }
    co_return inside.result();
  }
  co_return sum;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  auto outermost = primes(2, std::strtol(argv[1], nullptr, 10), 0);
  while (outermost.resume()) outermost.answer(true);
  std::printf("%ld\n", outermost.result());
}
