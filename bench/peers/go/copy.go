// A goroutine writes MEBIBYTES to a pipe, another one copies from the pipe to a connection, and main reads the
// connection to its end; prints the number of bytes. Usage: copy MEBIBYTES
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
)

const pieceSize = 65_536

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func produce(pieces int, to *os.File) {
	defer to.Close()
	piece := []byte(strings.Repeat("x", pieceSize))
	for range pieces {
		_, err := to.Write(piece)
		check(err)
	}
}

func passOn(from *os.File, to net.Conn) {
	defer to.Close()
	_, err := io.Copy(to, from)
	check(err)
}

func main() {
	mebibytes, _ := strconv.Atoi(os.Args[1])
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	sender, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	receiver, err := listener.Accept()
	check(err)
	reader, writer, err := os.Pipe()
	check(err)
	go produce(mebibytes*16, writer)
	go passOn(reader, sender)
	count := 0
	buffer := make([]byte, pieceSize)
	for {
		n, err := receiver.Read(buffer)
		count += n
		if err == io.EOF {
			break
		}
		check(err)
	}
	fmt.Println(count)
}
