// Sends back what comes on each connection; prints the address at which it listens, and serves until it is killed.
package main

import (
	"fmt"
	"net"
)

func serve(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, 4_096)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err := conn.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	for {
		conn, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go serve(conn)
	}
}
