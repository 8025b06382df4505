// The number of ways to place N queens on a board of N rows without attacks. Usage: queens N
package main

import (
	"fmt"
	"os"
	"strconv"
)

type board struct {
	columns, rising, falling []bool
}

func (b *board) place(row int) int {
	n := len(b.columns)
	if row == n {
		return 1
	}
	ways := 0
	for c := 0; c < n; c++ {
		up, down := row+c, row-c+n
		if b.columns[c] || b.rising[up] || b.falling[down] {
			continue
		}
		b.columns[c], b.rising[up], b.falling[down] = true, true, true
		ways += b.place(row + 1)
		b.columns[c], b.rising[up], b.falling[down] = false, false, false
	}
	return ways
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	b := board{make([]bool, n), make([]bool, 2*n), make([]bool, 2*n)}
	fmt.Println(b.place(0))
}
