// A coroutine counts down from COUNT. The code that resumes the coroutine keeps the counter, and answers the
// coroutine's requests to get and set the counter. Usage: effect_countdown COUNT
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

type request struct {
	set   bool
	value int
}

func countdown(answer *int) iter.Seq[request] {
	return func(yield func(request) bool) {
		for {
			yield(request{})
			i := *answer
			if i == 0 {
				return
			}
			yield(request{set: true, value: i - 1})
		}
	}
}

func main() {
	state, _ := strconv.Atoi(os.Args[1])
	answer := 0
	next, stop := iter.Pull(countdown(&answer))
	defer stop()
	for r, ok := next(); ok; r, ok = next() {
		if r.set {
			state = r.value
		} else {
			answer = state
		}
	}
	fmt.Println(state)
}
