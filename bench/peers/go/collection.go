// COUNT goroutines wait, each with a string of its own. Then three collections run. Prints the longest time of a
// collection in nanoseconds, and the total length of all strings. Usage: collection COUNT
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"time"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	gate := make(chan struct{})
	sum := 0
	var started, ended sync.WaitGroup
	started.Add(count)
	ended.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			text := strconv.Itoa(i)
			started.Done()
			<-gate
			sum += len(text) // no data race, because GOMAXPROCS=1
			ended.Done()
		}()
	}
	started.Wait()
	var longest time.Duration
	for i := 0; i < 3; i++ {
		before := time.Now()
		runtime.GC()
		longest = max(longest, time.Since(before))
	}
	fmt.Println(longest.Nanoseconds())
	close(gate)
	ended.Wait()
	fmt.Println(sum)
}
