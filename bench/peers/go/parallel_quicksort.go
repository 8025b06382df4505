// Sorts N numbers of a linear congruential generator. Goroutines each draw a part of the numbers and distribute it
// among the ranges between parts - 1 pivots. Further goroutines each sort the numbers of one range. Usage:
// parallel_quicksort N
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"sync"
)

const (
	parts  = 32
	factor = uint64(6364136223846793005)
	step   = uint64(1442695040888963407)
)

// The state of the generator after n further numbers.
func skip(x uint64, n int) uint64 {
	f, s := factor, step
	for ; n > 0; n /= 2 {
		if n%2 == 1 {
			x = x*f + s
		}
		s *= f + 1
		f *= f
	}
	return x
}

func draw(first, end int) []int {
	v := make([]int, end-first)
	x := skip(42, first)
	for i := range v {
		x = x*factor + step
		v[i] = int(x >> 32)
	}
	return v
}

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

// The pivots, chosen from a sorted sample: the first numbers, which are as random as all other numbers.
func pivots(n int) []int {
	sample := draw(0, min(n, 64*parts))
	quicksort(sample, 0, len(sample)-1)
	pivots := make([]int, parts-1)
	for i := range pivots {
		pivots[i] = sample[len(sample)*(i+1)/parts]
	}
	return pivots
}

func split(first, end int, pivots []int) [][]int {
	ranges := make([][]int, parts)
	for i := range ranges {
		ranges[i] = make([]int, 0, (end-first)/parts+16)
	}
	for _, x := range draw(first, end) {
		r := sort.SearchInts(pivots, x+1)
		ranges[r] = append(ranges[r], x)
	}
	return ranges
}

func main() {
	n, _ := strconv.Atoi(os.Args[1])
	pivots := pivots(n)
	var group sync.WaitGroup
	pieces := make([][][]int, parts)
	for i := range pieces {
		group.Add(1)
		go func() {
			pieces[i] = split(n*i/parts, n*(i+1)/parts, pivots)
			group.Done()
		}()
	}
	group.Wait()
	sums := make([]int, parts)
	start := 0
	for r := range sums {
		length := 0
		for _, part := range pieces {
			length += len(part[r])
		}
		first := start
		group.Add(1)
		go func() {
			v := make([]int, 0, length)
			for _, part := range pieces {
				v = append(v, part[r]...)
			}
			quicksort(v, 0, len(v)-1)
			for i, x := range v {
				sums[r] += (first + i) * x
			}
			group.Done()
		}()
		start += length
	}
	group.Wait()
	sum := 0
	for _, s := range sums {
		sum += s
	}
	fmt.Println(sum)
}
