// Computes the Mandelbrot set at N x N points, with up to 50 iterations for each, and prints a checksum of the bitmap's
// bytes (FNV-1a, 32 bits). Usage: mandelbrot N [pbm]. With pbm, writes the bitmap instead of the checksum.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int is_inside(double cr, double ci) {
  double zr = 0, zi = 0, rr = 0, ii = 0;
  for (int i = 0; i < 50; i++) {
    zi = 2 * zr * zi + ci;
    zr = rr - ii + cr;
    rr = zr * zr;
    ii = zi * zi;
    if (rr + ii > 4) return 0;
  }
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  long n = atol(argv[1]);
  if (argc > 2) printf("P4\n%ld %ld\n", n, n);
  uint32_t hash = 2166136261u;
  for (long y = 0; y < n; y++) {
    double ci = 2.0 * (double)y / (double)n - 1.0;
    for (long left = 0; left < n; left += 8) {
      unsigned byte = 0;
      for (long x = left; x < left + 8; x++) {
        byte = byte << 1 | (unsigned)(x < n && is_inside(2.0 * (double)x / (double)n - 1.5, ci));
      }
      hash = (hash ^ byte) * 16777619u;
      if (argc > 2) putchar((int)byte);
    }
  }
  if (argc == 2) printf("%u\n", hash);
}
