// Step 3 of docs/switch.md: swapstack. The program of step 1, with a switch that the compiler sees: inline assembly
// that declares every register as changed. So the compiler stores what is live, and nothing else.
//
// Build: cc -O2 -fomit-frame-pointer -mno-red-zone
// Usage: adder_inline [ROUNDS]. Prints the last total, and with ROUNDS the time of a switch.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// The registers that the other side may change, without `rdi` and `rsi`, which are operands.
#define EVERYTHING                                                                                   \
  "rax", "rbx", "rcx", "rdx", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0",   \
  "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", \
  "xmm13", "xmm14", "xmm15", "memory", "cc"

static inline __attribute__((always_inline)) void swapstack(void **save_at, void **load_at) {
  __asm__ volatile("leaq 1f(%%rip), %%rax\n\t" // where this side will go on
                   "pushq %%rax\n\t"           // the only word that the switch itself saves
                   "movq %%rsp, (%%rdi)\n\t"   // leave: this side is suspended
                   "movq (%%rsi), %%rsp\n\t"   // enter: the stack is the other side's from here on
                   "popq %%rax\n\t"            // where the other side goes on
                   "jmpq *%%rax\n"
                   "1:"
                   : "+D"(save_at), "+S"(load_at)
                   :
                   : EVERYTHING);
}

static void *main_sp, *adder_sp;
static long message;

static void adder(void) {
  long total = 0;
  for (;;) {
    total += message;
    message = total;
    swapstack(&adder_sp, &main_sp);
  }
}

int main(int argc, char **argv) {
  static void *stack[2048] __attribute__((aligned(16)));
  long rounds = argc > 1 ? atol(argv[1]) : 10;

  // A new stack has to look like a suspended one: the address to go on at. The null above it is where the return
  // address of `adder` would be; `adder` never returns.
  void **top = stack + 2048;
  top[-2] = (void *)adder;
  adder_sp = top - 2;

  clock_t start = clock();
  for (long i = 1; i <= rounds; i++) {
    message = i;
    swapstack(&main_sp, &adder_sp);
  }
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  if (argc > 1) fprintf(stderr, "%.2f ns a switch\n", seconds * 1e9 / (2.0 * rounds));
  printf("%ld\n", message);
}
