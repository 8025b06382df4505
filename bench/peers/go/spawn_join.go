// Starts COUNT goroutines with a trivial function, then waits for them all. Usage: spawn_join COUNT
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
	results := make([]int, count)
	var group sync.WaitGroup
	group.Add(count)
	for i := range results {
		go func() {
			results[i] = trivial(1)
			group.Done()
		}()
	}
	group.Wait()
	sum := 0
	for _, n := range results {
		sum += n
	}
	fmt.Println(sum)
}
