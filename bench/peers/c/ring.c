// A ring of THREADS contexts, of which main is the first. Each context switches to the next with swapcontext. There is
// no scheduler. Usage: ring THREADS YIELDS_PER_THREAD
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

// The size of the smallest stack that works. It is an odd number of cache lines, so that neighbouring stacks fall into
// different cache sets.
enum { STACK_BYTES = 1024 - 64 };

static ucontext_t *ring;
static int threads;
static long yields, switches;

static void turn(int self) {
  int next = self + 1 == threads ? 0 : self + 1;
  for (long i = 0; i < yields; i++) {
    switches++;
    swapcontext(&ring[self], &ring[next]);
  }
}

// Runs in all contexts except main. The function never returns: main ends the process first.
static void worker(int self) { turn(self); }

static void *pages(size_t bytes) {
  void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) exit(1);
  madvise(p, bytes, MADV_HUGEPAGE);
  return p;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  threads = atoi(argv[1]);
  yields = atol(argv[2]);
  ring = pages((size_t)threads * sizeof *ring);
  char *stacks = pages((size_t)threads * STACK_BYTES);
  for (int i = 1; i < threads; i++) {
    getcontext(&ring[i]);
    ring[i].uc_stack.ss_sp = stacks + (size_t)i * STACK_BYTES;
    ring[i].uc_stack.ss_size = STACK_BYTES;
    makecontext(&ring[i], (void (*)(void))worker, 1, i);
  }
  turn(0);
  printf("%ld\n", switches);
}
