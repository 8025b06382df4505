// The Fibonacci number of N, where the numbers of 0 and 1 are both 1. Usage: effect_fibonacci_recursive N
#include <cstdio>
#include <cstdlib>

static long fibonacci(long n) { return n < 2 ? 1 : fibonacci(n - 1) + fibonacci(n - 2); }

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  std::printf("%ld\n", fibonacci(std::strtol(argv[1], nullptr, 10)));
}
