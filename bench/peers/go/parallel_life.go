// Conway's life on a torus of SIZE x SIZE cells, from an R-pentomino in the middle. All goroutines write strips of one
// board. Each generation begins when the previous generation is complete. Usage: parallel_life SIZE GENERATIONS
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

const strips = 8

// Computes the next generation of the rows from first to end - 1.
func step(size int, cells, next []uint8, first, end int) {
	for y := first; y < end; y++ {
		up, row, down := (y+size-1)%size*size, y*size, (y+1)%size*size
		for x := 0; x < size; x++ {
			left, right := (x+size-1)%size, (x+1)%size
			around := cells[up+left] + cells[up+x] + cells[up+right] + cells[row+left] +
				cells[row+right] + cells[down+left] + cells[down+x] + cells[down+right]
			if around == 3 || around == 2 && cells[row+x] == 1 {
				next[row+x] = 1
			} else {
				next[row+x] = 0
			}
		}
	}
}

func main() {
	size, _ := strconv.Atoi(os.Args[1])
	generations, _ := strconv.Atoi(os.Args[2])
	cells, next := make([]uint8, size*size), make([]uint8, size*size)
	middle := size / 2
	for _, p := range [][2]int{{0, -1}, {1, -1}, {-1, 0}, {0, 0}, {0, 1}} {
		cells[(middle+p[1])*size+middle+p[0]] = 1
	}
	for i := 0; i < generations; i++ {
		var group sync.WaitGroup
		group.Add(strips)
		for s := 0; s < strips; s++ {
			go func() {
				step(size, cells, next, size*s/strips, size*(s+1)/strips)
				group.Done()
			}()
		}
		group.Wait()
		cells, next = next, cells
	}
	alive := 0
	for _, c := range cells {
		alive += int(c)
	}
	fmt.Println(alive)
}
