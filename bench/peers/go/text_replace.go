// Replaces a word in a text of WORDS words, TIMES times. Usage: text_replace WORDS TIMES
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

var vocabulary = [...]string{"warp", "weft", "loom", "shuttle", "the", "of", "thread", "selvedge"}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	state := 42
	var text strings.Builder
	for range count {
		state = (state*1_103_515_245 + 12_345) & 0x7fff_ffff
		text.WriteString(vocabulary[state>>16&7])
		text.WriteString(" ")
	}
	words := text.String()
	sum := 0
	for range times {
		sum += len(strings.ReplaceAll(words, "weft", "woven thread"))
	}
	fmt.Println(sum)
}
