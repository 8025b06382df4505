// Adds up the Collatz steps from each number below N down to 1. The inner loop has few instructions, so the cost of
// a check in it shows. Usage: collatz N
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
