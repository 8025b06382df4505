// fib(N), doubly recursive. Also built with -ftrapv, so that overflow traps, as in Weft. Usage: fib N
#include <stdio.h>
#include <stdlib.h>

static long fib(long n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  printf("%ld\n", fib(atol(argv[1])));
}
