package main

import "time"

// effort bounds how much is measured.
type effort struct {
	pairs       int           // turns of proxy and gateway on each line
	scale       int           // divides the number of requests of a turn
	turn        time.Duration // the longest a turn may send
	streamPairs int
	streams     int // open at once
	hold        time.Duration
	starts      int
	rotations   int // of first bytes, in each round
}

var (
	thorough = effort{pairs: 7, scale: 1, turn: 4 * time.Second, streamPairs: 3, streams: 1000, hold: 3 * time.Second, starts: 10, rotations: 150}
	glance   = effort{pairs: 3, scale: 4, turn: 1500 * time.Millisecond, streamPairs: 1, streams: 300, hold: time.Second, starts: 3, rotations: 50}
)

// concurrency is how many requests are on their way at a time.
const concurrency = 64

// line is one load: what is asked, how often in one turn, and what for.
type line struct {
	name     string
	size     int // of the request's body
	answer   string
	events   int // in the answer, when it is a stream
	requests int // in a turn
}

var lines = []line{
	{"4 KB", 4 << 10, "json", 0, 16000},
	{"100 KB", 100 << 10, "json", 0, 8000},
	{"1 MB", 1 << 20, "json", 0, 1600},
	{"200 events", 4 << 10, "burst", burstEvents, 8000},
}
