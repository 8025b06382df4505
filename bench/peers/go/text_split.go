// Splits a line of FIELDS numbers at its commas, TIMES times. Usage: text_split FIELDS TIMES
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

func main() {
	fields, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	numbers := make([]string, fields)
	for n := range numbers {
		numbers[n] = strconv.Itoa(n * 7_919 % 1_000_003)
	}
	line := strings.Join(numbers, ",")
	sum := 0
	for range times {
		parts := strings.Split(line, ",")
		number, _ := strconv.Atoi(parts[fields/2])
		sum += len(parts) + number
	}
	fmt.Println(sum)
}
