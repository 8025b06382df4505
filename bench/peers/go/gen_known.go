// Sums COUNT elements of a sequence. The loop itself calls `count`, which makes the sequence, so the compiler knows
// the body of the sequence. Usage: gen_known COUNT
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

func count(from, to int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := from; i < to; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for v := range count(0, n) {
		sum += v
	}
	fmt.Println(sum)
}
