// Parses LINES lines and adds up their dollar signs: the n-th line has n dollar signs. A coroutine gives the
// characters. Usage: effect_parsing_dollars LINES
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

func characters(lines int) iter.Seq[byte] {
	return func(yield func(byte) bool) {
		for line := 1; line <= lines; line++ {
			for range line {
				if !yield('$') {
					return
				}
			}
			if !yield('\n') {
				return
			}
		}
	}
}

func numbers(characters iter.Seq[byte]) iter.Seq[int] {
	return func(yield func(int) bool) {
		next, stop := iter.Pull(characters)
		defer stop()
		dollars := 0
		for {
			c, ok := next()
			switch {
			case ok && c == '$':
				dollars++
			case ok && c == '\n':
				if !yield(dollars) {
					return
				}
				dollars = 0
			default:
				return
			}
		}
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	sum := 0
	for v := range numbers(characters(n)) {
		sum += v
	}
	fmt.Println(sum)
}
