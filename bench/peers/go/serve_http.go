// Answers each request for `/` with a greeting; prints the address at which it listens, and serves until it is killed.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
)

func handle(response http.ResponseWriter, request *http.Request) {
	// Go would otherwise guess the type from the body.
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	switch request.URL.Path {
	case "/":
		io.WriteString(response, "Hello, world!")
	default:
		response.WriteHeader(http.StatusNotFound)
		io.WriteString(response, "no such page")
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, http.HandlerFunc(handle)))
}
