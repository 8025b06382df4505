// Sorts COUNT strings, TIMES times, with a stable sort. Usage: text_sort COUNT TIMES
package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	state := uint64(42)
	var unsorted []string
	for range count {
		state = state*6_364_136_223_846_793_005 + 1_442_695_040_888_963_407
		unsorted = append(unsorted, "name-"+strconv.FormatUint((state>>33)%1_000_000_000, 10))
	}
	sum := 0
	for range times {
		sorted := slices.Clone(unsorted)
		slices.SortStableFunc(sorted, strings.Compare)
		for i := 0; i < count; i += 97 {
			number, _ := strconv.Atoi(sorted[i][5:])
			sum += number
		}
	}
	fmt.Println(sum)
}
