package main

import "time"

// effort bounds how much is measured.
type effort struct {
	pairs       int           // turns of each contender on each line
	scale       int           // divides the number of requests of a turn
	turn        time.Duration // the longest a turn may send
	calmRounds  int
	calmRound   time.Duration
	streamPairs int
	streams     int // open at once
	hold        time.Duration
	full        time.Duration
	starts      int
}

var (
	thorough = effort{
		pairs: 5, scale: 1, turn: 2 * time.Second,
		calmRounds: 5, calmRound: 5 * time.Second,
		streamPairs: 2, streams: manyStreams, hold: 3 * time.Second,
		full: 8 * time.Second, starts: 10,
	}
	glance = effort{
		pairs: 2, scale: 4, turn: 800 * time.Millisecond,
		calmRounds: 1, calmRound: 2 * time.Second,
		streamPairs: 1, streams: 300, hold: time.Second,
		full: 2 * time.Second, starts: 3,
	}
)

// manyStreams is how many open streams the aim for memory speaks of.
const manyStreams = 2000

// concurrency is how many requests are on their way at a time.
const concurrency = 64

// line is one load: what is asked, how often in one turn, and what for.
type line struct {
	name     string
	model    string // which the gateway's routes go by
	size     int    // of the request's body
	answer   string
	events   int  // in the answer, when it is a stream
	requests int  // in a turn
	budgets  bool // count what it costs
}

var lines = []line{
	{"4 KB", model, 4 << 10, "json", 0, 16000, false},
	{"100 KB", model, 100 << 10, "json", 0, 8000, false},
	{"100 KB, of a budget", model, 100 << 10, "json", 0, 8000, true},
	{"1 MB", model, 1 << 20, "json", 0, 1600, false},
	{"200 events", model, 4 << 10, "burst", burstEvents, 8000, false},
	{"to Bedrock, 100 KB", bedrockModel, 100 << 10, "json", 0, 8000, false},
	{"to Bedrock, 200 events", bedrockModel, 100 << 10, "burst", burstEvents, 4000, false},
	{"to Vertex, 100 KB", vertexModel, 100 << 10, "json", 0, 8000, false},
	{"to Vertex, 200 events", vertexModel, 100 << 10, "burst", burstEvents, 4000, false},
}

// calmSizes are the bodies that are asked with below saturation.
var calmSizes = []int{4 << 10, 100 << 10}
