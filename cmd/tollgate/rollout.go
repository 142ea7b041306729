package main

import (
	"cmp"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"tollgate/internal/app"
	"tollgate/internal/config"
	"tollgate/internal/rollout"
)

// rolloutFlags are what can be said about a rollout.
type rolloutFlags struct {
	config     configFlag
	out        output
	folder     string
	url        string
	targets    []string
	credential string
	key        string
	helper     string
	format     string
	ca         string
	check      string
	force      bool
}

func newRolloutCommand() *cobra.Command {
	var f rolloutFlags
	cmd := &cobra.Command{
		Use:   "rollout",
		Short: "Write the settings that connect developers' machines",
		Long: "Writes, from the gateway's own configuration, what developers' machines have to be told: managed\n" +
			"settings for Linux, macOS and Windows, VS Code, shells, GitHub Actions and the Agent SDK, and a\n" +
			"README.md that explains every variable. With --check it reads a settings file that is there and\n" +
			"names each conflict with the gateway and each drift from it; the exit status is 1 if there is one.\n" +
			"Nothing outside this machine is asked, and no running gateway is needed.",
		Example: "  tollgate rollout --config tollgate.yaml --out rollout\n" +
			"  tollgate rollout --out rollout --url https://llm-gateway.example.com --target linux,vscode\n" +
			"  tollgate rollout --config tollgate.yaml --check /etc/claude-code/managed-settings.json",
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.check != "" {
				return f.runCheck(cmd)
			}
			return f.run(cmd)
		},
	}
	f.add(cmd)
	return f.config.add(f.out.add(cmd))
}

func (f *rolloutFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.folder, "out", "", "`DIR` to write to")
	flags.StringVar(&f.url, "url", "", "`URL` at which developers reach the gateway (default: listen.public_url)")
	flags.StringSliceVar(&f.targets, "target", nil, "`TARGET`s: linux, macos, windows, vscode, shell, github-actions (default: all)")
	flags.StringVar(&f.credential, "credential", "", "where a machine's key comes from: `helper`, or key with --key (default: helper)")
	flags.StringVar(&f.key, "key", "", "gateway `KEY` to put into the settings")
	flags.StringVar(&f.helper, "helper", "", "`COMMAND` that prints the developer's key (default: tollgate key-helper)")
	flags.StringVar(&f.format, "provider-format", string(rollout.Messages), "`FORMAT` that clients speak: messages, bedrock, vertex, foundry, anthropic-aws")
	flags.StringVar(&f.ca, "ca", "", "`FILE` with the certificate of your own authority, in PEM, if the gateway's is from one")
	flags.StringVar(&f.check, "check", "", "settings `FILE` to compare, in place of writing")
	flags.BoolVar(&f.force, "force", false, "overwrite files that tollgate did not write")
}

func (f *rolloutFlags) run(cmd *cobra.Command) error {
	if err := demand(cmd, "a rollout", "out"); err != nil {
		return err
	}
	targets, err := f.parseTargets()
	if err != nil {
		return err
	}
	gateway, credential, err := f.plan(cmd)
	if err != nil {
		return err
	}
	files := rollout.Files(gateway, credential, targets)
	if err := rollout.Write(f.folder, files, f.force); err != nil {
		return err
	}
	return f.print(cmd, files)
}

// written is what a rollout prints as JSON.
type written struct {
	Folder string        `json:"folder"`
	Files  []writtenFile `json:"files"`
}

type writtenFile struct {
	Path string `json:"path"`
	Mode string `json:"mode"`
}

func (f *rolloutFlags) print(cmd *cobra.Command, files []rollout.File) error {
	result := written{Folder: f.folder, Files: []writtenFile{}}
	for _, file := range files {
		result.Files = append(result.Files, writtenFile{file.Path, fmt.Sprintf("%04o", file.Mode)})
	}
	if f.out.json {
		return printJSON(cmd.OutOrStdout(), result)
	}
	var lines table
	for _, file := range result.Files {
		lines.rows = append(lines.rows, []string{file.Mode, file.Path})
	}
	if err := lines.print(cmd.OutOrStdout()); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "tollgate: read %s/README.md next; it says where each file goes\n", f.folder)
	return nil
}

// plan brings together what the configuration and the flags say.
func (f *rolloutFlags) plan(cmd *cobra.Command) (rollout.Gateway, rollout.Credential, error) {
	credential, err := f.parseCredential()
	if err != nil {
		return rollout.Gateway{}, credential, err
	}
	settings, err := f.load()
	if err != nil {
		return rollout.Gateway{}, credential, err
	}
	gateway, err := f.gateway(settings)
	if err != nil {
		return gateway, credential, err
	}
	f.warn(cmd, settings, gateway)
	return gateway, credential, nil
}

// load reads the configuration. Without a file it is the default one, whose
// credential nothing here needs.
func (f *rolloutFlags) load() (*config.Config, error) {
	if f.config.path != "" {
		return loadConfig(f.config.path)
	}
	return config.Default(func(name string) (string, bool) {
		if name == "ANTHROPIC_API_KEY" {
			return "not-needed", true
		}
		return os.LookupEnv(name)
	})
}

func (f *rolloutFlags) gateway(settings *config.Config) (g rollout.Gateway, err error) {
	address := cmp.Or(f.url, settings.Listen.PublicURL)
	if address == "" {
		return g, misuse("nothing says at which address developers reach the gateway; write --url, or listen.public_url in the file of --config")
	}
	if g.URL, err = rollout.ParseURL(address); err != nil {
		return g, misuse("%v", err)
	}
	if g.Format, err = rollout.ParseFormat(f.format); err != nil {
		return g, misuse("--provider-format: %v", err)
	}
	if f.ca != "" {
		if g.CA, err = readCA(f.ca); err != nil {
			return g, err
		}
	}
	g.Cloud, g.Fast = cloudOf(settings)
	g.Models, g.Serves, err = app.Served(settings, time.Now())
	return g, err
}

func readCA(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, misuse("--ca: %v", err)
	}
	certificates, err := rollout.ParseCA(text)
	if err != nil {
		return nil, misuse("--ca: %v", err)
	}
	return certificates, nil
}

// cloudOf takes the names that formats ask for from the upstreams, so that
// they say something to whoever reads a log.
func cloudOf(settings *config.Config) (cloud rollout.Cloud, fast bool) {
	for _, each := range settings.Upstreams {
		switch each.Provider {
		case "anthropic":
			fast = true
		case "vertex":
			cloud.Project, cloud.Location = cmp.Or(cloud.Project, each.Project), cmp.Or(cloud.Location, each.Region)
		case "anthropic-aws":
			cloud.AWSWorkspace = cmp.Or(cloud.AWSWorkspace, each.Workspace)
			fallthrough
		case "bedrock", "bedrock-mantle":
			cloud.AWSRegion = cmp.Or(cloud.AWSRegion, each.Region)
		}
	}
	return rollout.Cloud{
		AWSRegion:    cmp.Or(cloud.AWSRegion, "us-east-1"),
		AWSWorkspace: cmp.Or(cloud.AWSWorkspace, "wrkspc_tollgate"),
		Project:      cmp.Or(cloud.Project, "tollgate"),
		Location:     cmp.Or(cloud.Location, "global"),
	}, fast
}

// warn says what will not work, or is not safe, although it can be written.
func (f *rolloutFlags) warn(cmd *cobra.Command, settings *config.Config, g rollout.Gateway) {
	if rollout.IsPlain(g.URL) {
		fmt.Fprintf(cmd.ErrOrStderr(), "tollgate: %s is plain http, so the key and every prompt cross the network in clear text; give the gateway a certificate\n", g.URL)
	}
	if settings.Listen.TLS == nil || f.ca != "" {
		return
	}
	chain, err := os.ReadFile(settings.Listen.TLS.Cert)
	if err == nil && !rollout.Trusts(chain) {
		fmt.Fprintf(cmd.ErrOrStderr(), "tollgate: this machine does not trust the certificate in listen.tls.cert; if it is from an authority of your own, name that one's certificate with --ca\n")
	}
}

func (f *rolloutFlags) parseTargets() (targets []rollout.Target, err error) {
	for _, name := range f.targets {
		target, err := rollout.ParseTarget(name)
		if err != nil {
			return nil, misuse("--target: %v", err)
		}
		targets = append(targets, target)
	}
	if targets == nil {
		targets = rollout.Targets
	}
	return targets, nil
}

// parseCredential refuses what contradicts itself; a key that is given is meant.
func (f *rolloutFlags) parseCredential() (c rollout.Credential, err error) {
	switch {
	case f.credential != "" && f.credential != "helper" && f.credential != "key":
		return c, misuse("--credential cannot be %q; write helper or key", f.credential)
	case f.credential == "key" && f.key == "":
		return c, misuse("--credential key needs --key, with the gateway key to put into the settings")
	case f.credential == "helper" && f.key != "" && f.check == "":
		return c, misuse("--credential helper puts no key into the settings; leave --key out, or write --credential key")
	case f.key != "" && f.helper != "":
		return c, misuse("settings have a key or a helper that prints one; leave --key or --helper out")
	case f.key != "":
		if c.Key, err = rollout.ParseKey(f.key); err != nil {
			err = misuse("--key: %v", err)
		}
		return c, err
	}
	c.Helper = cmp.Or(f.helper, "tollgate key-helper")
	return c, nil
}
