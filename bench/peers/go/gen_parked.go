// COUNT coroutines are suspended at once, each after its first element. Then each gives its second element. Usage:
// gen_parked COUNT
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
	generators := make([]func() (int, bool), 0, n)
	for i := range n {
		next, _ := iter.Pull(count(i, i+3))
		v, _ := next()
		sum -= v
		generators = append(generators, next)
	}
	for _, next := range generators {
		v, _ := next()
		sum += v
	}
	fmt.Println(sum)
}
