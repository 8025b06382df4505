// The total number of Collatz steps from each number below N to 1. The loop has only a few instructions.
// Usage: collatz N
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	end, _ := strconv.Atoi(os.Args[1])
	steps := 0
	for start := 1; start < end; start++ {
		for n := start; n != 1; steps++ {
			if n&1 == 0 {
				n >>= 1
			} else {
				n = 3*n + 1
			}
		}
	}
	fmt.Println(steps)
}
