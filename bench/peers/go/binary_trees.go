// Builds and walks perfect binary trees of depths 4, 6, ... N. Usage: binary_trees N
package main

import (
	"fmt"
	"os"
	"strconv"
)

type tree struct{ left, right *tree }

func build(depth int) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{build(depth - 1), build(depth - 1)}
}

func (t *tree) check() int {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.check() + t.right.check()
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	const least = 4
	most := max(n, least+2)
	fmt.Printf("stretch tree of depth %d\t check: %d\n", most+1, build(most+1).check())
	longLived := build(most)
	for depth := least; depth <= most; depth += 2 {
		trees, sum := 1<<(most-depth+least), 0
		for i := 0; i < trees; i++ {
			sum += build(depth).check()
		}
		fmt.Printf("%d\t trees of depth %d\t check: %d\n", trees, depth, sum)
	}
	fmt.Printf("long lived tree of depth %d\t check: %d\n", most, longLived.check())
}
