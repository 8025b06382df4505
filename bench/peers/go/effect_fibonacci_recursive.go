// Computes F(N), the Fibonacci number with F(0) = F(1) = 1, by double recursion. Usage: effect_fibonacci_recursive N
package main

import (
	"fmt"
	"os"
	"strconv"
)

func fibonacci(n int) int {
	if n < 2 {
		return 1
	}
	return fibonacci(n-1) + fibonacci(n-2)
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	fmt.Println(fibonacci(n))
}
