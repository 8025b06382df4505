// Sums the numbers 0 to COUNT. A coroutine gives the numbers one by one. Usage: effect_iterator COUNT
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

func numbers(last int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; i <= last; i++ {
			if !yield(i) {
				return
			}
		}
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	next, stop := iter.Pull(numbers(n))
	defer stop()
	sum := 0
	for v, ok := next(); ok; v, ok = next() {
		sum += v
	}
	fmt.Println(sum)
}
