// Solution of exercise 3 of docs/lesson.md: the message travels in a register. `rdx` is an input and an output of the
// switch: what one side puts in, the other side gets out. `rdi`, `rsi` and `rdx` are also the registers in which C
// passes the first three arguments, so the first switch to a new stack looks to `adder` like a call.
//
// Build: cc -O2 -fomit-frame-pointer -mno-red-zone
#include <stdio.h>

#define EVERYTHING                                                                                    \
  "rax", "rbx", "rcx", "rbp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",   \
  "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", \
  "xmm14", "xmm15", "memory", "cc"

static inline __attribute__((always_inline)) long swapstack(void **save_at, void **load_at, long message) {
  __asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
                   "pushq %%rax\n\t"
                   "movq %%rsp, (%%rdi)\n\t"
                   "movq (%%rsi), %%rsp\n\t"
                   "popq %%rax\n\t"
                   "jmpq *%%rax\n"
                   "1:"
                   : "+D"(save_at), "+S"(load_at), "+d"(message)
                   :
                   : EVERYTHING);
  return message;
}

static void *main_sp, *adder_sp;

static void adder(void **main_at, void **own_at, long message) {
  long total = 0;
  for (;;) {
    total += message;
    message = swapstack(own_at, main_at, total);
  }
}

int main(void) {
  static void *stack[2048] __attribute__((aligned(16)));
  void **top = stack + 2048;
  top[-2] = (void *)adder;
  adder_sp = top - 2;
  long total = 0;
  for (long i = 1; i <= 10; i++) total = swapstack(&main_sp, &adder_sp, i);
  printf("%ld\n", total);
}
