// Step 4 of docs/switch.md: green threads. A run queue of stack pointers, and a `yield` that takes the next one from
// the queue.
//
//   queue   │ sp │ sp │ sp │ sp │        A thread that yields stores its stack pointer at the tail, and loads the one
//             head ──────────▶ tail      at the head. A thread that has ended stores nothing.
//
// Each thread has a stack of STACK bytes.
//
// Build: cc -O2 -fomit-frame-pointer -mno-red-zone [-DSTACK=4096]
// Usage: ring [THREADS YIELDS]. Prints the number of all yields, and with arguments the time of a yield.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#ifndef STACK
#define STACK 4160 // 65 cache lines; docs/switch.md says why not 64
#endif

#define EVERYTHING                                                                                   \
  "rax", "rbx", "rcx", "rdx", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",   \
  "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
  "xmm13", "xmm14", "xmm15", "memory", "cc"

static inline __attribute__((always_inline)) void swapstack(void **save_at, void **load_at) {
  __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                   "pushq %%rax\n\t"
                   "movq %%rsp, (%%rdi)\n\t"
                   "movq (%%rsi), %%rsp\n\t"
                   "popq %%rax\n\t"
                   "jmpq *%%rax\n"
                   "1:"
                   : "+D"(save_at), "+S"(load_at)
                   :
                   : EVERYTHING);
}

// A ring of stack pointers. Its size is a power of two, so `& mask` takes an index back to the start.
static void **queue, *main_sp;
static uint64_t mask, head, tail, alive;
static long yields, total;

// The store comes before the load, so a thread that is alone switches to itself.
static inline __attribute__((always_inline)) void yield(void) {
  swapstack(&queue[tail++ & mask], &queue[head++ & mask]);
}

static __attribute__((noinline)) void thread(void) {
  long done = 0;
  for (long i = 0; i < yields; i++) {
    done++;
    yield();
  }
  total += done;
}

// The first function of each stack. It ends with a switch that nothing comes back from, so it must not be inlined.
static __attribute__((noinline, noreturn)) void start(void) {
  thread();
  void *dead_sp, **next = --alive > 0 ? &queue[head++ & mask] : &main_sp;
  swapstack(&dead_sp, next);
  __builtin_unreachable();
}

int main(int argc, char **argv) {
  alive = argc > 2 ? strtoul(argv[1], NULL, 10) : 3;
  yields = argc > 2 ? atol(argv[2]) : 10;

  uint64_t size = 1;
  while (size <= alive) size *= 2;
  mask = size - 1;
  queue = calloc(size, sizeof *queue);
  char *stacks = mmap(NULL, alive * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (queue == NULL || stacks == MAP_FAILED) return 1;
  madvise(stacks, alive * STACK, MADV_HUGEPAGE);
  for (tail = 0; tail < alive; tail++) {
    void **top = (void **)(stacks + (tail + 1) * STACK);
    top[-2] = (void *)start;
    queue[tail] = top - 2;
  }

  clock_t begin = clock();
  swapstack(&main_sp, &queue[head++ & mask]);
  double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
  if (argc > 2) fprintf(stderr, "%.2f ns a yield\n", seconds * 1e9 / total);
  printf("%ld\n", total);
}
