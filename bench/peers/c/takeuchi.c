// Takeuchi's function. Also built with -ftrapv, so that overflow traps. Usage: takeuchi X Y Z
#include <stdio.h>
#include <stdlib.h>

static long tak(long x, long y, long z) {
  return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  printf("%ld\n", tak(atol(argv[1]), atol(argv[2]), atol(argv[3])));
}
