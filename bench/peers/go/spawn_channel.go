// Starts a goroutine with a trivial function and receives its result from a channel, COUNT times. Usage: spawn COUNT
package main

import (
	"fmt"
	"os"
	"strconv"
)

//go:noinline
func trivial(n int) int { return n }

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	sum := 0
	result := make(chan int)
	for i := 0; i < count; i++ {
		go func() { result <- trivial(1) }()
		sum += <-result
	}
	fmt.Println(sum)
}
