// Creatures meet in pairs, MEETINGS times in total. At a meeting, both creatures take on the complement of their two
// colours. At the end the program prints, for each creature, the number of its meetings and the number of its meetings
// with itself. Then it prints the sum of the numbers of meetings. Usage: chameneos_redux MEETINGS
package main

import (
	"fmt"
	"os"
	"strconv"
)

type colour int

const (
	blue colour = iota
	red
	yellow
)

var names = [...]string{"blue", "red", "yellow"}

type creature struct {
	number int
	colour colour
}

// The state of the meeting place, in a channel of capacity 1. A goroutine that has received the state has exclusive
// access to it. If door is not nil, a creature waits to receive from door, and the field waiting describes it.
type place struct {
	meetings int
	waiting  creature
	door     chan<- creature
}

type result struct{ met, same int }

func complement(a, b colour) colour {
	if a == b {
		return a
	}
	return 3 - a - b
}

func spell(n int) string {
	words := [...]string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	if n < 10 {
		return " " + words[n]
	}
	return spell(n/10) + " " + words[n%10]
}

func live(me creature, meetings int, places chan place, ended chan<- result) {
	door := make(chan creature)
	var r result
	for {
		var other creature
		p := <-places
		if p.door == nil {
			if p.meetings == meetings {
				places <- p
				ended <- r
				return
			}
			places <- place{p.meetings, me, door}
			other = <-door
		} else {
			places <- place{meetings: p.meetings + 1}
			p.door <- me
			other = p.waiting
		}
		r.met++
		if other.number == me.number {
			r.same++
		}
		me.colour = complement(me.colour, other.colour)
	}
}

func meet(colours []colour, meetings int) {
	places := make(chan place, 1)
	ended := make([]chan result, len(colours))
	for i, c := range colours {
		fmt.Print(" " + names[c])
		ended[i] = make(chan result)
		go live(creature{i, c}, meetings, places, ended[i])
	}
	fmt.Println()
	places <- place{}
	total := 0
	for _, end := range ended {
		r := <-end
		fmt.Printf("%d%s\n", r.met, spell(r.same))
		total += r.met
	}
	fmt.Printf("%s\n\n", spell(total))
}

func main() {
	meetings, _ := strconv.Atoi(os.Args[1])
	for a := blue; a <= yellow; a++ {
		for b := blue; b <= yellow; b++ {
			fmt.Printf("%s + %s -> %s\n", names[a], names[b], names[complement(a, b)])
		}
	}
	fmt.Println()
	meet([]colour{blue, red, yellow}, meetings)
	meet([]colour{blue, red, yellow, red, yellow, blue, red, yellow, red, blue}, meetings)
}
