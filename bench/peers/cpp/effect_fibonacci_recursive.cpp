// Computes F(N), the Fibonacci number with F(0) = F(1) = 1, by double recursion. Usage: effect_fibonacci_recursive N
#include <cstdio>
#include <cstdlib>

static long fibonacci(long n) { return n < 2 ? 1 : fibonacci(n - 1) + fibonacci(n - 2); }

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  std::printf("%ld\n", fibonacci(std::strtol(argv[1], nullptr, 10)));
}
