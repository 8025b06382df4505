// Reads the number behind the first letter of each of WORDS words, TIMES times. Usage: text_number WORDS TIMES
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	state := 42
	var words []string
	for range count {
		state = (state*1_103_515_245 + 12_345) & 0x7fff_ffff
		words = append(words, "w"+strconv.Itoa(state>>(state%16)))
	}
	sum := 0
	for range times {
		for _, word := range words {
			number, err := strconv.Atoi(word[1:len(word)])
			if err != nil {
				panic(err)
			}
			sum += number
		}
	}
	fmt.Println(sum)
}
