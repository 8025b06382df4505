// Counts the kinds of characters in a text of WORDS words, TIMES times. Usage: text_chars WORDS TIMES
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

var vocabulary = [...]string{"warp", "Größe", "42", "loom,", "7.5%", "世界", "THREAD", "weft!"}

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
	letters, digits, blanks, others := 0, 0, 0, 0
	for range times {
		for _, c := range words {
			switch {
			case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
				letters++
			case '0' <= c && c <= '9':
				digits++
			case c == ' ':
				blanks++
			default:
				others++
			}
		}
	}
	fmt.Println(letters + 10*digits + 100*blanks + 1_000*others)
}
