// Makes lists of ten objects, COUNT objects in total, keeps only the last thousand lists, and prints the sum of the
// numbers in them. Usage: soak COUNT
package main

import (
	"fmt"
	"os"
	"strconv"
)

const (
	length = 10
	kept   = 1000
)

type cell struct {
	number int
	rest   *cell
}

func list(first int) *cell {
	var list *cell
	for i := 0; i < length; i++ {
		list = &cell{first + i, list}
	}
	return list
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	lists := make([]*cell, kept)
	for i := 0; i < count/length; i++ {
		lists[i%kept] = list(i * length)
	}
	total := 0
	for _, list := range lists {
		for ; list != nil; list = list.rest {
			total += list.number
		}
	}
	fmt.Println(total)
}
