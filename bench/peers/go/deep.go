// A recursion N calls deep, without tail calls, in a goroutine. Usage: deep N
package main

import (
	"fmt"
	"os"
	"strconv"
)

func deep(n int) int {
	if n == 0 {
		return 0
	}
	return 1 + deep(n-1)
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	result := make(chan int)
	go func() { result <- deep(n) }()
	fmt.Println(<-result)
}
