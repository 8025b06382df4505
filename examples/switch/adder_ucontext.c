// Step 1 of docs/switch.md: two stacks in one OS thread, by libc's `makecontext` and `swapcontext`.
//
//   main                                     adder, on a stack of its own
//     for i in 1 to ROUNDS                     for ever
//       message = i, switch     ── i ──▶         add the message to the total
//                             ◀── total ──       message = total, switch
//
// Usage: adder_ucontext [ROUNDS]. Prints the last total, and with ROUNDS the time of a switch.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

static ucontext_t main_context, adder_context;
static long message;

static void adder(void) {
  long total = 0;
  for (;;) {
    total += message;
    message = total;
    swapcontext(&adder_context, &main_context);
  }
}

int main(int argc, char **argv) {
  static char stack[16384];
  long rounds = argc > 1 ? atol(argv[1]) : 10;

  getcontext(&adder_context);
  adder_context.uc_stack.ss_sp = stack;
  adder_context.uc_stack.ss_size = sizeof stack;
  makecontext(&adder_context, adder, 0);

  clock_t start = clock();
  for (long i = 1; i <= rounds; i++) {
    message = i;
    swapcontext(&main_context, &adder_context);
  }
  double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
  if (argc > 1) fprintf(stderr, "%.2f ns a switch\n", seconds * 1e9 / (2.0 * rounds));
  printf("%ld\n", message);
  if (argc == 1) printf("a context has %zu bytes\n", sizeof(ucontext_t));
}
