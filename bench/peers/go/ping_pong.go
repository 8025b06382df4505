// Two goroutines send a number to and fro COUNT times, on two unbuffered channels.
// Usage: ping_pong COUNT
package main

import (
	"fmt"
	"os"
	"strconv"
)

func pong(pings <-chan int, pongs chan<- int) {
	for n := range pings {
		pongs <- n
	}
	close(pongs)
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	pings, pongs := make(chan int), make(chan int)
	go pong(pings, pongs)
	sum := 0
	for i := 0; i < count; i++ {
		pings <- 1
		sum += <-pongs
	}
	close(pings)
	<-pongs
	fmt.Println(sum)
}
