// Step 2 of docs/switch.md: the program of step 1, with a switch as libraries write it. A suspended side is its stack
// pointer; everything else is on its stack. With -DRETURN, the switch ends in a `ret`.
//
// Usage: adder_library [ROUNDS]. Prints the last total, and with ROUNDS the time of a switch.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// switch_stack(save_at, load_at): stores this side's stack pointer at `save_at` (rdi), and loads the other side's stack
// pointer from `load_at` (rsi). To its caller it is a function like any other, so it may change all registers except
// those that a function has to preserve. The caller's code goes on at the return address, which `call` has pushed.
void switch_stack(void **save_at, void **load_at);

__asm__("switch_stack:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n" // leave: this side is suspended
        "  movq (%rsi), %rsp\n" // enter: the stack is the other side's from here on
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
#ifdef RETURN
        "  retq\n"
#else
        "  popq %rdx\n" // the return address of the other side's call
        "  jmpq *%rdx\n"
#endif
);

static void *main_sp, *adder_sp;
static long message;

static void adder(void) {
  long total = 0;
  for (;;) {
    total += message;
    message = total;
    switch_stack(&adder_sp, &main_sp);
  }
}

int main(int argc, char **argv) {
  static void *stack[2048] __attribute__((aligned(16)));
  long rounds = argc > 1 ? atol(argv[1]) : 10;

  // A new stack has to look like a suspended one: six registers, and the address to go on at. The null above it is
  // where the return address of `adder` would be; `adder` never returns.
  void **top = stack + 2048;
  top[-2] = (void *)adder;
  adder_sp = top - 2 - 6;

  clock_t start = clock();
  for (long i = 1; i <= rounds; i++) {
    message = i;
    switch_stack(&main_sp, &adder_sp);
  }
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  if (argc > 1) fprintf(stderr, "%.2f ns a switch\n", seconds * 1e9 / (2.0 * rounds));
  printf("%ld\n", message);
}
