// Multiplies the numbers 1,000 to 0 by recursion, TIMES times. At the 0, a panic leaves all calls of the recursion at
// once. Usage: effect_product_early TIMES
package main

import (
	"fmt"
	"os"
	"strconv"
)

type cell struct {
	value int
	rest  *cell
}

type left struct{ result int }

func product(list *cell) int {
	if list == nil {
		return 1
	}
	if list.value == 0 {
		panic(left{0})
	}
	return list.value * product(list.rest)
}

func early(list *cell) (result int) {
	defer func() {
		if l, ok := recover().(left); ok {
			result = l.result
		}
	}()
	return product(list)
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	var list *cell
	for i := range 1001 {
		list = &cell{i, list}
	}
	sum := 0
	for range n {
		sum += early(list)
	}
	fmt.Println(sum)
}
