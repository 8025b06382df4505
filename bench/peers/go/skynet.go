// A tree of goroutines down to SIZE leaves: each inner goroutine starts ten more and sends the sum of the numbers
// that it receives from them; a leaf sends its number. Usage: skynet SIZE
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
