// THREADS goroutines that only call runtime.Gosched. Usage: ring THREADS YIELDS_PER_THREAD
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
)

func main() {
	threads, _ := strconv.Atoi(os.Args[1])
	yields, _ := strconv.Atoi(os.Args[2])
	var done sync.WaitGroup
	done.Add(threads)
	for i := 0; i < threads; i++ {
		go func() {
			for i := 0; i < yields; i++ {
				runtime.Gosched()
			}
			done.Done()
		}()
	}
	done.Wait()
	fmt.Println(threads * yields)
}
