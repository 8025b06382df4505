// The sum of the primes below N. Each prime that is found adds a coroutine, which answers for its multiples and asks the
// coroutine outside about all other numbers. Usage: effect_handler_sieve N
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

// Asks about numbers, and reads each answer in `answer`.
func primes(from, n, sum int, answer *bool, result *int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := from; i < n; i++ {
			yield(i)
			if !*answer {
				continue
			}
			next, stop := iter.Pull(primes(i+1, n, sum+i, answer, result))
			defer stop()
			for asked, ok := next(); ok; asked, ok = next() {
				if asked%i == 0 {
					*answer = false
				} else {
					yield(asked)
				}
			}
			return
		}
		*result = sum
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	answer, result := false, 0
	next, stop := iter.Pull(primes(2, n, 0, &answer, &result))
	defer stop()
	for _, ok := next(); ok; _, ok = next() {
		answer = true
	}
	fmt.Println(result)
}
