// Sums the first 600 primes, TIMES times, with a chain of coroutines: one for each prime, which drops the multiples of
// its prime and passes on all other numbers. Usage: gen_primes TIMES
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

func from(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := n; yield(i); i++ {
		}
	}
}

func notDivided(by int, numbers func() (int, bool)) iter.Seq[int] {
	return func(yield func(int) bool) {
		for {
			if n, _ := numbers(); n%by != 0 && !yield(n) {
				return
			}
		}
	}
}

func sumOfPrimes(count int) int {
	next, stop := iter.Pull(from(2))
	defer stop()
	sum := 0
	for range count {
		prime, _ := next()
		sum += prime
		next, stop = iter.Pull(notDivided(prime, next))
		defer stop()
	}
	return sum
}

func main() {
	times, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for range times {
		sum += sumOfPrimes(600)
	}
	fmt.Println(sum)
}
