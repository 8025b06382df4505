// Reads COUNT floats from their texts and adds them up, TIMES times. Usage: text_parse COUNT TIMES
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
	var texts []string
	for n := range count {
		state = state*6_364_136_223_846_793_005 + 1_442_695_040_888_963_407
		// Half of the numbers have two digits behind the point, the others as many as a float can have.
		few := float64((state>>40)*10+3) / 100.0
		many := float64(state>>11) / 9_007_199_254.740992
		if n%2 == 0 {
			texts = append(texts, strconv.FormatFloat(few, 'f', -1, 64))
		} else {
			texts = append(texts, strconv.FormatFloat(many, 'f', -1, 64))
		}
	}
	sum := 0
	for range times {
		total := 0.0
		for _, text := range texts {
			number, err := strconv.ParseFloat(text, 64)
			if err != nil {
				panic(err)
			}
			total += number
		}
		sum += int(total)
	}
	fmt.Println(sum)
}
