package app

// NewTLS is for tests that turn the clock.
var NewTLS = newTLS
