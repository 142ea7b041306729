package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tollgate/api"
	"tollgate/internal/doctor"
)

// examination is what tollgate doctor is told.
type examination struct {
	url, key string
	models   []string
	spend    bool
	free     bool
	silence  time.Duration
	out      output
}

func newDoctorCommand() *cobra.Command {
	var e examination
	cmd := e.out.add(&cobra.Command{
		Use:   "doctor",
		Short: "Find out why Claude Code does not work through a gateway",
		Long: "Find out why Claude Code does not work through a gateway: from a developer's machine, or anywhere. It does what\n" +
			"the client does, one thing after the other, and says of each whether it went well, and if not, what to do.\n" +
			"Without --url and --key it examines what Claude Code on this machine is set to.\n\n" +
			"It spends nothing unless --yes says so; then each model is asked for one word. It knows other gateways too, of\n" +
			"which it asks what the Messages API offers. The exit status is 1 if anything failed.",
		Example: "  tollgate doctor --url https://llm-gateway.example.com --key tgk_…\n" +
			"  tollgate doctor --yes --json",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error { return e.run(cmd) },
	})
	cmd.Flags().StringVar(&e.url, "url", "", "`address` of the gateway (default: ANTHROPIC_BASE_URL, as Claude Code here sees it)")
	cmd.Flags().StringVar(&e.key, "key", "", "the developer's `key` (default: what Claude Code here uses)")
	cmd.Flags().StringSliceVar(&e.models, "model", nil, "`name` of a model to ask; may be repeated (default: those that are listed)")
	cmd.Flags().BoolVar(&e.spend, "yes", false, "ask each model for one word, which costs some hundredths of a cent")
	cmd.Flags().BoolVar(&e.free, "free", false, "spend nothing, which is so without --yes too")
	cmd.Flags().DurationVar(&e.silence, "silence", 20*time.Second, "how long a stream is to bear that nothing comes; 0 leaves that out")
	return cmd
}

func (e examination) run(cmd *cobra.Command) error {
	if e.spend && e.free {
		return misuse("--yes and --free say the opposite of each other")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	project, err := os.Getwd()
	if err != nil {
		project = ""
	}
	c := doctor.Config{
		Key: e.key, Models: e.models, Spend: e.spend, Silence: e.silence, Now: time.Now,
		Environment: os.Getenv, Home: home, Project: project, Managed: managedSettings(),
	}
	found := doctor.Look(c)
	if e.url == "" {
		e.url = found.URL
	}
	if c.URL, err = url.Parse(e.url); err != nil || c.URL.Host == "" || c.URL.Scheme != "http" && c.URL.Scheme != "https" {
		return misuse("--url is missing or not an address: write it as https://llm-gateway.example.com")
	}
	if c.Key == "" {
		if c.Key, err = keyOf(cmd.Context(), found); err != nil {
			return err
		}
	}
	return e.print(cmd, doctor.Run(cmd.Context(), c))
}

// keyOf is the key that Claude Code here would use.
func keyOf(ctx context.Context, found doctor.Setup) (string, error) {
	if found.Key != "" || found.Helper == "" {
		return found.Key, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/c"}
	}
	helper := exec.CommandContext(ctx, shell[0], shell[1], found.Helper) // as the client runs it
	helper.Stderr = os.Stderr
	text, err := helper.Output()
	if err != nil {
		return "", fmt.Errorf("the apiKeyHelper %q does not print a key: %w", found.Helper, err)
	}
	return strings.TrimSpace(string(text)), nil
}

// managedSettings are where an organisation's own are (contract 7.1), what counts most
// first: of parts the last one.
func managedSettings() (paths []string) {
	folder := "/etc/claude-code"
	switch runtime.GOOS {
	case "darwin":
		folder = "/Library/Application Support/ClaudeCode"
	case "windows":
		folder = `C:\Program Files\ClaudeCode`
	}
	parts, _ := filepath.Glob(filepath.Join(folder, "managed-settings.d", "*.json")) // in the order of the alphabet
	for i := len(parts) - 1; i >= 0; i-- {
		paths = append(paths, parts[i])
	}
	return append(paths, filepath.Join(folder, "managed-settings.json"))
}

var errUnhealthy = errors.New("not everything is well")

func (e examination) print(cmd *cobra.Command, found []doctor.Finding) error {
	rows := table{header: []string{"CHECK", "RESULT", ""}}
	for _, each := range found {
		rows.rows = append(rows.rows, []string{each.Name, string(each.Result), each.Says})
		if each.Remedy != "" {
			rows.rows = append(rows.rows, []string{"", "", "→ " + each.Remedy})
		}
	}
	if err := e.out.list(cmd, api.List[doctor.Finding]{Data: found}, rows); err != nil {
		return err
	}
	if !doctor.Healthy(found) {
		return errUnhealthy
	}
	return nil
}
