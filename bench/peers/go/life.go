// Conway's life on a 512 x 512 torus, from an R-pentomino in the middle. Usage: life GENERATIONS
package main

import (
	"fmt"
	"os"
	"strconv"
)

const size = 512

func step(cells, next []uint8) {
	for y := 0; y < size; y++ {
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
	generations, _ := strconv.Atoi(os.Args[1])
	cells, next := make([]uint8, size*size), make([]uint8, size*size)
	for _, p := range [][2]int{{256, 255}, {257, 255}, {255, 256}, {256, 256}, {256, 257}} {
		cells[p[1]*size+p[0]] = 1
	}
	for i := 0; i < generations; i++ {
		step(cells, next)
		cells, next = next, cells
	}
	alive := 0
	for _, c := range cells {
		alive += int(c)
	}
	fmt.Println(alive)
}
