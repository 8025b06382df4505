// Walks a balanced tree of DEPTH levels in order, TIMES times, by a coroutine. The nodes lie in memory in the order of
// the walk. Usage: gen_walk DEPTH TIMES
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

func build(depth int, nodes *[]node) *node {
	if depth == 0 {
		return nil
	}
	left := build(depth-1, nodes)
	*nodes = append(*nodes, node{left: left, value: len(*nodes) + 1})
	n := &(*nodes)[len(*nodes)-1]
	n.right = build(depth-1, nodes)
	return n
}

func (n *node) push(yield func(int) bool) bool {
	return n == nil || n.left.push(yield) && yield(n.value) && n.right.push(yield)
}

func walk(n *node) iter.Seq[int] {
	return func(yield func(int) bool) { n.push(yield) }
}

func sum(tree *node) int {
	next, stop := iter.Pull(walk(tree))
	defer stop()
	sum := 0
	for v, ok := next(); ok; v, ok = next() {
		sum += v
	}
	return sum
}

func main() {
	depth, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	nodes := make([]node, 0, 1<<depth) // so that no node moves
	tree := build(depth, &nodes)
	total := 0
	for range times {
		total += sum(tree)
	}
	fmt.Println(total)
}
