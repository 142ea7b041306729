// Package deploytest proves what stands in deploy/ and the Dockerfile, with
// the programs that will read them: systemd's own analysis, BuildKit's parser,
// Helm, the types of Kubernetes, and Prometheus' parser and engine.
//
// It is a module of its own, since none of that belongs to the gateway. Where
// a machine lacks what a test needs, the test says so and is skipped.
package deploytest
