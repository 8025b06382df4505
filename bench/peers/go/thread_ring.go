// THREADS goroutines in a ring pass on a number, which starts as PASSES. Each goroutine subtracts 1 from it. The
// program prints the position in the ring of the goroutine that receives 0. Usage: thread_ring THREADS PASSES
package main

import (
	"fmt"
	"os"
	"strconv"
)

func member(number int, left <-chan int, right chan<- int, last chan<- int) {
	for token := range left {
		if token == 0 {
			last <- number
		} else {
			right <- token - 1
		}
	}
}

func main() {
	threads, _ := strconv.Atoi(os.Args[1])
	passes, _ := strconv.Atoi(os.Args[2])
	first, last := make(chan int), make(chan int)
	left := first
	for number := 1; number < threads; number++ {
		right := make(chan int)
		go member(number, left, right, last)
		left = right
	}
	go member(threads, left, first, last)
	first <- passes
	fmt.Println(<-last)
}
