// Starts a goroutine with a trivial function and waits for it with a WaitGroup, COUNT times. Usage: spawn COUNT
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

//go:noinline
func trivial(n int) int { return n }

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	sum := 0
	var done sync.WaitGroup
	for i := 0; i < count; i++ {
		done.Add(1)
		go func() {
			sum += trivial(1)
			done.Done()
		}()
		done.Wait()
	}
	fmt.Println(sum)
}
