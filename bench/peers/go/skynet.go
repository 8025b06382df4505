// A tree of goroutines with SIZE leaves. Each inner goroutine starts ten more, adds up the numbers that they send, and
// sends the sum to the goroutine that started it. Each leaf sends its own number. Usage: skynet SIZE
package main

import (
	"fmt"
	"os"
	"strconv"
)

func skynet(reply chan<- int, first, size int) {
	if size == 1 {
		reply <- first
		return
	}
	replies := make(chan int)
	part := size / 10
	for i := 0; i < 10; i++ {
		go skynet(replies, first+i*part, part)
	}
	sum := 0
	for i := 0; i < 10; i++ {
		sum += <-replies
	}
	reply <- sum
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	reply := make(chan int)
	go skynet(reply, 0, size)
	fmt.Println(<-reply)
}
