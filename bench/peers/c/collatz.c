// Adds up the Collatz steps from each number below N down to 1. The inner loop has few instructions, so the cost of
// a check in it shows. Usage: collatz N
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    long end = argc > 1 ? atol(argv[1]) : 1;
    long steps = 0;
    for (long start = 1; start < end; start++) {
        for (long n = start; n != 1; steps++)
            n = (n & 1) == 0 ? n >> 1 : 3 * n + 1;
    }
    printf("%ld\n", steps);
    return 0;
}
