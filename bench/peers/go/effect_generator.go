// Sums the values in a tree of DEPTH levels. A coroutine gives the values one by one. Usage: effect_generator DEPTH
package main

import (
	"fmt"
	"iter"
	"os"
	"strconv"
)

type node struct {
	left  *node
	value int
	right *node
}

// Both subtrees of a node are the same object.
func build(depth int) *node {
	if depth == 0 {
		return nil
	}
	below := build(depth - 1)
	return &node{below, depth, below}
}

func (n *node) push(yield func(int) bool) bool {
	return n == nil || n.left.push(yield) && yield(n.value) && n.right.push(yield)
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	tree := build(n)
	next, stop := iter.Pull(func(yield func(int) bool) { tree.push(yield) })
	defer stop()
	sum := 0
	for v, ok := next(); ok; v, ok = next() {
		sum += v
	}
	fmt.Println(sum)
}
