package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// connection is one client's, kept alive from request to request. It writes
// bytes that were made beforehand and reads no more of the answer than it must,
// so that the client takes as little of the machine as it can.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func connect(addr string) (*connection, error) {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	return &connection{conn, bufio.NewReaderSize(conn, 16<<10)}, nil
}

// ask sends one request and reads its answer to the end. It returns the time
// to the first byte of the answer and to its last.
func (c *connection) ask(request []byte) (first, last time.Duration, err error) {
	start := time.Now()
	answer, first, err := c.open(request)
	if err != nil {
		return 0, 0, err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return first, time.Since(start), err
}

// open sends one request and returns as soon as its answer has begun. Any
// answer but a 200 is an error.
func (c *connection) open(request []byte) (*http.Response, time.Duration, error) {
	c.SetDeadline(time.Now().Add(time.Minute))
	start := time.Now()
	if _, err := c.Write(request); err != nil {
		return nil, 0, err
	}
	if _, err := c.in.Peek(1); err != nil {
		return nil, 0, err
	}
	first := time.Since(start)
	answer, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, 0, err
	}
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 2<<10))
		return nil, 0, fmt.Errorf("%s answered %s: %s", c.RemoteAddr(), answer.Status, text)
	}
	return answer, first, nil
}
