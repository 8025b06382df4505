// COUNT goroutines wait on one channel at once; then the channel is closed and all goroutines end. Usage: park COUNT
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	gate := make(chan struct{})
	woken := 0
	var started, ended sync.WaitGroup
	started.Add(count)
	ended.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			started.Done()
			<-gate
			woken++ // no data race, because GOMAXPROCS=1
			ended.Done()
		}()
	}
	started.Wait()
	close(gate)
	ended.Wait()
	fmt.Println(woken)
}
