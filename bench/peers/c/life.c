// Conway's life on a 512 x 512 torus, from an R-pentomino in the middle. Usage: life GENERATIONS
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 512 };
typedef unsigned char Board[SIZE * SIZE];

static void step(const Board cells, Board next) {
  for (long y = 0; y < SIZE; y++) {
    long up = (y + SIZE - 1) % SIZE * SIZE, row = y * SIZE, down = (y + 1) % SIZE * SIZE;
    for (long x = 0; x < SIZE; x++) {
      long left = (x + SIZE - 1) % SIZE, right = (x + 1) % SIZE;
      unsigned char around = cells[up + left] + cells[up + x] + cells[up + right] + cells[row + left] +
                             cells[row + right] + cells[down + left] + cells[down + x] + cells[down + right];
      next[row + x] = around == 3 || (around == 2 && cells[row + x] == 1);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  static Board boards[2];
  static const long start[5][2] = {{256, 255}, {257, 255}, {255, 256}, {256, 256}, {256, 257}};
  for (int i = 0; i < 5; i++) boards[0][start[i][1] * SIZE + start[i][0]] = 1;
  long generations = atol(argv[1]), alive = 0;
  for (long i = 0; i < generations; i++) step(boards[i % 2], boards[1 - i % 2]);
  for (long i = 0; i < SIZE * SIZE; i++) alive += boards[generations % 2][i];
  printf("%ld\n", alive);
}
