// Sums COUNT elements that a coroutine gives. Usage: gen_escaping COUNT
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
	next, stop := iter.Pull(count(0, n))
	defer stop()
	sum := 0
	for v, ok := next(); ok; v, ok = next() {
		sum += v
	}
	fmt.Println(sum)
}
