// Computes the Mandelbrot set at N x N points, with up to 50 iterations for each, and prints a checksum of the bitmap's
// bytes (FNV-1a, 32 bits). Usage: mandelbrot N
package main

import (
	"fmt"
	"os"
	"strconv"
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

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	hash := uint32(2166136261)
	for y := 0; y < n; y++ {
		ci := 2*float64(y)/float64(n) - 1
		for left := 0; left < n; left += 8 {
			bits := uint32(0)
			for x := left; x < left+8; x++ {
				bits <<= 1
				if x < n && isInside(2*float64(x)/float64(n)-1.5, ci) {
					bits |= 1
				}
			}
			hash = (hash ^ bits) * 16777619
		}
	}
	fmt.Println(hash)
}
