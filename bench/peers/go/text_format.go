// Writes COUNT floats to a text, each with three digits behind the point and with the fewest digits that read back the
// same, TIMES times. Usage: text_format COUNT TIMES
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	state := uint64(42)
	var numbers []float64
	for n := range count {
		state = state*6_364_136_223_846_793_005 + 1_442_695_040_888_963_407
		// Half of the numbers have two digits behind the point, the others as many as a float can have.
		few := float64((state>>40)*10+3) / 100.0
		many := float64(state>>11) / 9_007_199_254.740992
		if n%2 == 0 {
			numbers = append(numbers, few)
		} else {
			numbers = append(numbers, many)
		}
	}
	sum := 0
	for range times {
		var text []byte
		for _, x := range numbers {
			text = strconv.AppendFloat(text, x, 'f', 3, 64)
			text = append(text, ' ')
			text = strconv.AppendFloat(text, x, 'f', -1, 64)
			text = append(text, '\n')
		}
		sum += len(string(text))
	}
	fmt.Println(sum)
}
