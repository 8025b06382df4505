// Parses a document of RECORDS records and writes it again, TIMES times; prints the number of bytes.
// Usage: json RECORDS TIMES
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

func record(n, random int) string {
	parent := "null"
	if n%5 != 0 {
		parent = strconv.Itoa(n / 5)
	}
	about := fmt.Sprintf(`"id":%d,"name":"thread %d","note":"a \"green\" one,\nGröße %d"`, n, n, random%100)
	state := fmt.Sprintf(`"active":%t,"parent":%s`, n%3 == 0, parent)
	place := fmt.Sprintf(`"place":{"x":%d.25,"y":-%d.5}`, random%1_000, random>>16)
	return "{" + about + `,"tags":["warp","weft"],` + state + "," + place + "}"
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	times, _ := strconv.Atoi(os.Args[2])
	random := 42
	records := make([]string, count)
	for n := range records {
		random = (random*1_103_515_245 + 12_345) & 0x7fff_ffff
		records[n] = record(n, random)
	}
	document := []byte("[" + strings.Join(records, ",") + "]")
	sum := 0
	for range times {
		var value any
		if err := json.Unmarshal(document, &value); err != nil {
			panic(err)
		}
		text, err := json.Marshal(value)
		if err != nil {
			panic(err)
		}
		sum += len(text)
	}
	fmt.Println(sum)
}
