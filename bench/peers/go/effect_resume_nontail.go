// Runs a coroutine with a loop 1,000 times. Each run is suspended COUNT times. For each suspension, a recursive call
// resumes the loop, and its caller then computes with the result. Usage: effect_resume_nontail COUNT
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

func descend(count int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := count; i > 0; i-- {
			if !yield(i) {
				return
			}
		}
	}
}

func handle(next func() (int, bool), result int) int {
	x, ok := next()
	if !ok {
		return result
	}
	y := handle(next, result)
	z := x - 503*y + 37
	return max(z, -z) % 1009
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	result := 0
	for range 1000 {
		next, stop := iter.Pull(descend(n))
		result = handle(next, result)
		stop()
	}
	fmt.Println(result)
}
