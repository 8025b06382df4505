// Takeuchi's function. Usage: takeuchi X Y Z
package main

import (
	"fmt"
	"os"
	"strconv"
)

func tak(x, y, z int) int {
	if y < x {
		return tak(tak(x-1, y, z), tak(y-1, z, x), tak(z-1, x, y))
	}
	return z
}

func main() {
	x, _ := strconv.Atoi(os.Args[1])
	y, _ := strconv.Atoi(os.Args[2])
	z, _ := strconv.Atoi(os.Args[3])
	fmt.Println(tak(x, y, z))
}
