// Makes a coroutine, takes one element and stops the coroutine, COUNT times. Usage: gen_create COUNT
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
	for i := range n {
		next, stop := iter.Pull(count(i, n))
		v, _ := next()
		sum += v
		stop()
	}
	fmt.Println(sum)
}
