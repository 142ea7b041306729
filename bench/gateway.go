package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startGateway runs the gateway that is measured. Without a binary a second
// reverse proxy takes its place, which shows how much of a difference is noise.
func startGateway(ctx context.Context, o options, f *field, profile string) (*contender, error) {
	if o.gateway == "" {
		twin, err := startProxy(ctx, o, f, "")
		twin.name = gatewayName
		return twin, err
	}
	c, err := start(ctx, o.gateway, f.folder, f.direct.addr, profile)
	if c != nil {
		c.name = gatewayName
	}
	return c, err
}

// startAgainst runs another build of the gateway, where one is given.
func startAgainst(ctx context.Context, o options, f *field, _ string) (*contender, error) {
	if o.against == "" {
		return nil, nil
	}
	folder := filepath.Join(f.folder, "against")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	c, err := start(ctx, o.against, folder, f.direct.addr, "")
	if c != nil {
		c.name = againstName
	}
	return c, err
}

// start runs a gateway as its users do: a configuration file, a key made on the
// command line, the ledger in its data folder, the log in a file, its metrics read.
func start(ctx context.Context, binary, folder, sink, profile string) (*contender, error) {
	g, ready, err := launch(ctx, binary, folder, sink, profile)
	if err != nil {
		return nil, err
	}
	c := &contender{process: g, ready: ready, rows: func() (int, error) { return rows(ctx, binary, folder) }}
	c.budget = func() error {
		return ask(ctx, binary, folder, nil, "budget", "set", "org", "--amount", "1000000", "--period", "total", "--enforce", "strict")
	}
	if c.key, err = newKey(ctx, binary, folder); err != nil {
		g.end()
		return nil, err
	}
	c.metrics = scrape(ctx, folder)
	return c, nil
}

// launch starts the gateway on a free port and waits until it is healthy; it
// returns how long that took.
func launch(ctx context.Context, binary, folder, sink, profile string) (*process, time.Duration, error) {
	addr, err := freeAddress()
	if err != nil {
		return nil, 0, err
	}
	file := filepath.Join(folder, "tollgate.yaml")
	if err := os.WriteFile(file, configuration(addr, folder, sink), 0o600); err != nil {
		return nil, 0, err
	}
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	defer log.Close()
	args := []string{"serve", "--config", file}
	if profile != "" {
		args = append(args, "--cpuprofile", profile)
	}
	command := exec.CommandContext(ctx, binary, args...)
	command.Stdout, command.Stderr = log, log
	start := time.Now()
	if err := command.Start(); err != nil {
		return nil, 0, err
	}
	g := &process{command, addr}
	if err := g.healthy(ctx, start.Add(10*time.Second)); err != nil {
		g.end()
		said, _ := os.ReadFile(log.Name())
		return nil, 0, fmt.Errorf("%w; its log:\n%s", err, said)
	}
	return g, time.Since(start), nil
}

func configuration(addr, folder, sink string) []byte {
	return fmt.Appendf(nil, `listen: {address: %[1]q}
data_dir: %[2]q
upstreams:
  - {name: anthropic, provider: anthropic, base_url: "http://%[3]s", api_key: sk-ant-bench}
  - {name: bedrock, provider: bedrock, region: eu-central-1, base_url: "http://%[3]s", aws_access_key_id: AKIABENCH, aws_secret_access_key: bench}
  - {name: vertex, provider: vertex, project: bench, region: global, base_url: "http://%[3]s", bearer: bench}
routes:
  - {models: [%[4]s], upstreams: [bedrock]}
  - {models: [%[5]s], upstreams: [vertex]}
  - {models: ["claude-*"], upstreams: [anthropic]}
`, addr, filepath.Join(folder, "data"), sink, bedrockModel, vertexModel)
}

// freeAddress is one on which nothing listens at this moment.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// healthy asks every half millisecond until /healthz answers 200.
func (p *process) healthy(ctx context.Context, deadline time.Time) error {
	transport := &http.Transport{DisableKeepAlives: true}
	for time.Now().Before(deadline) && ctx.Err() == nil {
		answer, err := (&http.Client{Transport: transport}).Get("http://" + p.addr + "/healthz")
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(500 * time.Microsecond)
	}
	return fmt.Errorf("%s was not healthy in time", p.Path)
}

func newKey(ctx context.Context, binary, folder string) (string, error) {
	if err := ask(ctx, binary, folder, nil, "developer", "create", "bench@example.com"); err != nil {
		return "", err
	}
	var made struct{ Key string }
	err := ask(ctx, binary, folder, &made, "key", "create", "--developer", "bench@example.com")
	return made.Key, err
}

// rows is how many requests the ledger holds.
func rows(ctx context.Context, binary, folder string) (int, error) {
	var report struct{ Total struct{ Requests int } }
	err := ask(ctx, binary, folder, &report, "usage")
	return report.Total.Requests, err
}

// version is what the gateway says it is.
func version(ctx context.Context, binary string) string {
	if binary == "" {
		return "none: a second reverse proxy in its place"
	}
	said, err := exec.CommandContext(ctx, binary, "version").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(said))
}

// ask runs a command of the gateway's own and reads the JSON it prints.
func ask(ctx context.Context, binary, folder string, result any, args ...string) error {
	args = append(args, "--json", "--data-dir", filepath.Join(folder, "data"))
	command := exec.CommandContext(ctx, binary, args...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("%s %v: %w", binary, args, err)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(out, result)
}
