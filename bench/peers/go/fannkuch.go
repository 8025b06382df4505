// Counts, for each permutation of N numbers, the prefix reversals that bring the least number to the front. Prints a
// checksum and the greatest count. Usage: fannkuch N
package main

import (
	"fmt"
	"os"
	"strconv"
)

func flips(v []int) int {
	n := 0
	for v[0] != 0 {
		for i, j := 0, v[0]; i < j; i, j = i+1, j-1 {
			v[i], v[j] = v[j], v[i]
		}
		n++
	}
	return n
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	first, flipped, count := make([]int, n), make([]int, n), make([]int, n)
	for i := range first {
		first[i] = i
	}
	checksum, most, r := 0, 0, n
	for number := 0; ; number++ {
		for ; r != 1; r-- {
			count[r-1] = r
		}
		copy(flipped, first)
		f := flips(flipped)
		most = max(most, f)
		if number%2 == 0 {
			checksum += f
		} else {
			checksum -= f
		}
		for ; ; r++ {
			if r == n {
				fmt.Printf("%d\nPfannkuchen(%d) = %d\n", checksum, n, most)
				return
			}
			front := first[0]
			for i := 0; i < r; i++ {
				first[i] = first[i+1]
			}
			first[r] = front
			count[r]--
			if count[r] > 0 {
				break
			}
		}
	}
}
