// Sorts N numbers of a linear congruential generator. Usage: quicksort N
package main

import (
	"fmt"
	"os"
	"strconv"
)

func quicksort(v []int, low, high int) {
	for low < high {
		pivot := v[low+(high-low)/2]
		i, j := low, high
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		quicksort(v, low, j)
		low = i
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	v := make([]int, n)
	x := uint64(42)
	for i := range v {
		x = x*6364136223846793005 + 1442695040888963407
		v[i] = int(x >> 32)
	}
	quicksort(v, 0, n-1)
	sum := 0
	for i, a := range v {
		sum += i * a
	}
	fmt.Println(sum)
}
