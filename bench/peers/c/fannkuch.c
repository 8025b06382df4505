// Counts, for each permutation of N numbers, the prefix reversals that bring the least number to the front. Prints a
// checksum and the greatest count. Usage: fannkuch N
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long n = atol(argv[1]);
  long *first = malloc(n * sizeof *first), *flipped = malloc(n * sizeof *flipped), *count = malloc(n * sizeof *count);
  for (long i = 0; i < n; i++) first[i] = i;
  long checksum = 0, most = 0, r = n, number = 0;
  for (;;) {
    for (; r != 1; r--) count[r - 1] = r;
    for (long i = 0; i < n; i++) flipped[i] = first[i];
    long flips = 0;
    for (long k; (k = flipped[0]) != 0; flips++) {
      for (long i = 0, j = k; i < j; i++, j--) {
        long t = flipped[i];
        flipped[i] = flipped[j];
        flipped[j] = t;
      }
    }
    if (flips > most) most = flips;
    checksum += number % 2 == 0 ? flips : -flips;
    for (;; r++) {
      if (r == n) {
        printf("%ld\nPfannkuchen(%ld) = %ld\n", checksum, n, most);
        return 0;
      }
      long front = first[0];
      for (long i = 0; i < r; i++) first[i] = first[i + 1];
      first[r] = front;
      if (--count[r] > 0) break;
    }
    number++;
  }
}
