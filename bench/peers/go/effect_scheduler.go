// Runs COUNT goroutines. Each goroutine yields to the others COUNT times. Usage: effect_scheduler COUNT
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
)

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	switches := 0 // one worker: no two goroutines run at once
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for range n {
				runtime.Gosched()
				switches++
			}
		})
	}
	all.Wait()
	fmt.Println(switches)
}
