// The first COUNT primes, from a chain of goroutines. For each prime, a goroutine passes on the numbers that the prime
// does not divide. Usage: prime_sieve COUNT
package main

import (
	"fmt"
	"os"
	"strconv"
)

func generate(numbers chan<- int) {
	for n := 2; ; n++ {
		numbers <- n
	}
}

func sift(prime int, numbers <-chan int, rest chan<- int) {
	for n := range numbers {
		if n%prime != 0 {
			rest <- n
		}
	}
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	numbers := make(chan int, 1)
	go generate(numbers)
	for i := 0; i < count; i++ {
		prime := <-numbers
		fmt.Println(prime)
		rest := make(chan int, 1)
		go sift(prime, numbers, rest)
		numbers = rest
	}
}
