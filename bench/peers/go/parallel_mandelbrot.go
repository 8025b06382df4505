// The program mandelbrot with a goroutine for each row. Usage: parallel_mandelbrot N
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

func isInside(cr, ci float64) bool {
	var zr, zi, rr, ii float64
	for i := 0; i < 50; i++ {
		zi = 2*zr*zi + ci
		zr = rr - ii + cr
		rr = zr * zr
		ii = zi * zi
		if rr+ii > 4 {
			return false
		}
	}
	return true
}

func row(n, y int) []byte {
	ci := 2*float64(y)/float64(n) - 1
	row := make([]byte, 0, (n+7)/8)
	for left := 0; left < n; left += 8 {
		bits := byte(0)
		for x := left; x < left+8; x++ {
			bits <<= 1
			if x < n && isInside(2*float64(x)/float64(n)-1.5, ci) {
				bits |= 1
			}
		}
		row = append(row, bits)
	}
	return row
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	rows := make([][]byte, n)
	var group sync.WaitGroup
	group.Add(n)
	for y := range rows {
		go func() {
			rows[y] = row(n, y)
			group.Done()
		}()
	}
	group.Wait()
	hash := uint32(2166136261)
	for _, row := range rows {
		for _, bits := range row {
			hash = (hash ^ uint32(bits)) * 16777619
		}
	}
	fmt.Println(hash)
}
