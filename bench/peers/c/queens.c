// The number of ways to place N queens on a board of N rows without attacks. Usage: queens N
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static bool *columns, *rising, *falling;

static long place(long row, long n) {
  if (row == n) return 1;
  long ways = 0;
  for (long c = 0; c < n; c++) {
    long up = row + c, down = row - c + n;
    if (columns[c] || rising[up] || falling[down]) continue;
    columns[c] = rising[up] = falling[down] = true;
    ways += place(row + 1, n);
    columns[c] = rising[up] = falling[down] = false;
  }
  return ways;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long n = atol(argv[1]);
  columns = calloc(n, sizeof(bool));
  rising = calloc(2 * n, sizeof(bool));
  falling = calloc(2 * n, sizeof(bool));
  printf("%ld\n", place(0, n));
}
