// Sorts N numbers of a linear congruential generator. Usage: quicksort N
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void quicksort(int64_t *v, long low, long high) {
  while (low < high) {
    int64_t pivot = v[low + (high - low) / 2];
    long i = low, j = high;
    while (i <= j) {
      while (v[i] < pivot) i++;
      while (v[j] > pivot) j--;
      if (i <= j) {
        int64_t t = v[i];
        v[i] = v[j];
        v[j] = t;
        i++;
        j--;
      }
    }
    quicksort(v, low, j);
    low = i;
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  long n = atol(argv[1]);
  int64_t *v = malloc(n * sizeof *v);
  uint64_t x = 42, sum = 0;
  for (long i = 0; i < n; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    v[i] = x >> 32;
  }
  quicksort(v, 0, n - 1);
  for (long i = 0; i < n; i++) sum += (uint64_t)i * (uint64_t)v[i];
  printf("%ld\n", (int64_t)sum);
}
