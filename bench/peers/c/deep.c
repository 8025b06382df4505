// A recursion N calls deep, without tail calls, on the stack that the system provides. Usage: deep N
#include <stdio.h>
#include <stdlib.h>

static long deep(long n) { return n == 0 ? 0 : 1 + deep(n - 1); }

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  printf("%ld\n", deep(atol(argv[1])));
}
