// Solution of exercise 1 of docs/lesson.md: three stacks. main sends a number, `square` sends its square on, and `add`
// answers main with the sum so far. A switch names where to go, so no stack has to be the caller of another one.
#include <stdio.h>

void switch_stack(void **save_at, void **load_at); // as in adder_library.c

__asm__("switch_stack:\n"
        "  pushq %rbp\n"
        "  pushq %rbx\n"
        "  pushq %r12\n"
        "  pushq %r13\n"
        "  pushq %r14\n"
        "  pushq %r15\n"
        "  movq %rsp, (%rdi)\n"
        "  movq (%rsi), %rsp\n"
        "  popq %r15\n"
        "  popq %r14\n"
        "  popq %r13\n"
        "  popq %r12\n"
        "  popq %rbx\n"
        "  popq %rbp\n"
        "  popq %rdx\n"
        "  jmpq *%rdx\n");

enum { WORDS = 2048 };

static void *main_sp, *square_sp, *add_sp;
static long message;

static void square(void) {
  for (;;) {
    message *= message;
    switch_stack(&square_sp, &add_sp);
  }
}

static void add(void) {
  long total = 0;
  for (;;) {
    total += message;
    message = total;
    switch_stack(&add_sp, &main_sp);
  }
}

// A stack that looks as if `function` had been suspended before its first instruction.
static void *new_stack(void **stack, void (*function)(void)) {
  void **top = stack + WORDS;
  top[-2] = (void *)function;
  return top - 2 - 6;
}

int main(void) {
  static void *stacks[2][WORDS] __attribute__((aligned(16)));
  square_sp = new_stack(stacks[0], square);
  add_sp = new_stack(stacks[1], add);
  for (long i = 1; i <= 10; i++) {
    message = i;
    switch_stack(&main_sp, &square_sp);
  }
  printf("%ld\n", message);
}
