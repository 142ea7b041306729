// Package config reads the one configuration file: it finds every mistake in
// one pass, each with its line and what to do about it, and hands out either a
// complete, valid Config or the list of problems.
//
// It composes. Every part owns its options, their defaults and their rules;
// only what belongs to the process as a whole stands here. It never reads a
// file or a variable that the configuration does not name, and no text it
// makes contains what a reference resolved to.
package config

import (
	"log/slog"
	"net/netip"

	"tollgate/internal/admin"
	"tollgate/internal/alert"
	"tollgate/internal/audit"
	"tollgate/internal/journal"
	"tollgate/internal/meter"
	"tollgate/internal/observe"
	"tollgate/internal/proxy"
	"tollgate/internal/route"
	"tollgate/internal/tokenexchange"
	"tollgate/internal/upstream"
)

// Config is everything that tollgate is told by its file. A Config from Load
// or Default is valid and has its defaults filled in; nobody changes it.
type Config struct {
	// Listen is the gateway's door for Claude Code.
	Listen Listen `yaml:"listen"`
	// Admin is the door for administrators over the network. The Unix socket in
	// data_dir is always there.
	Admin admin.Config `yaml:"admin"`
	// DataDir is the folder with the database, the admin socket and the
	// secret that keys are hashed with. It is made if it is missing; a
	// relative path begins where the process was started.
	// Default: $TOLLGATE_DATA_DIR, or else ./tollgate-data.
	DataDir string `yaml:"data_dir"`
	// Store is where the register and the ledger are kept.
	Store Store `yaml:"store"`
	// Organization is what the gateway should know about its people.
	Organization Organization `yaml:"organization"`
	// Upstreams are the places that serve models, in order of preference.
	Upstreams []upstream.Config `yaml:"upstreams"`

	route.Config `yaml:",inline"`

	// Prices adjusts the list prices to what the organisation really pays.
	Prices meter.Config `yaml:"prices"`
	// Alerts are who is told when a budget fills up.
	Alerts alert.Config `yaml:"alerts"`
	// Audit is what becomes of the audit log.
	Audit audit.Config `yaml:"audit"`
	// Journal bounds what waits for the database.
	Journal journal.Config `yaml:"journal"`
	// Limits bound what one client can take and how long the gateway waits.
	Limits proxy.Limits `yaml:"limits"`
	// Subscriptions are claude.ai subscriptions that developers have themselves.
	Subscriptions proxy.Subscriptions `yaml:"subscriptions"`
	// TokenExchange gives pipelines keys for their platform's own tokens.
	TokenExchange tokenexchange.Config `yaml:"token_exchange"`
	// Telemetry is what other systems are told of requests.
	Telemetry observe.Telemetry `yaml:"telemetry"`
	// Log is what the process writes to standard error.
	Log Log `yaml:"log"`

	// Digest is the SHA-256 of the text that this was read from, in hex. What
	// references stand for is not in it.
	Digest string `yaml:"-"`
}

// Listen is the data plane's listener.
type Listen struct {
	// Address is where it listens, host:port. An empty host is every address of the machine.
	Address string `yaml:"address"`
	// PublicURL is the address that developers use, where it differs, as
	// behind a load balancer. tollgate rollout writes it into the settings of
	// their machines.
	PublicURL string `yaml:"public_url"`
	// TLS makes the listener speak HTTPS. The admin API then does so too.
	TLS *TLS `yaml:"tls"`
	// TrustedProxies are the networks whose X-Forwarded-For is believed, in
	// CIDR notation.
	TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
}

// TLS names a certificate. Both files are read again when they change.
type TLS struct {
	// Cert is the file with the certificate chain, in PEM.
	Cert string `yaml:"cert"`
	// Key is the file with its private key, in PEM.
	Key string `yaml:"key"`
}

// Store is the database.
type Store struct {
	// URL names another database. In this version it stays empty, which is
	// SQLite in data_dir.
	URL string `yaml:"url"`
}

// Organization is about the people behind the gateway.
type Organization struct {
	// TimeZone is the IANA name, such as Europe/Berlin, in which reports
	// begin their days. Default: UTC.
	TimeZone TimeZone `yaml:"time_zone"`
	// Help is a sentence that ends every refusal a developer sees: whom to
	// ask, or where to read.
	Help string `yaml:"help"`
}

// Log is what the process writes to standard error.
type Log struct {
	// Format is how a line is written: text, for people, or json, one object
	// a line.
	Format LogFormat `yaml:"format"`
	// Level is the least that is written: debug, info, warn or error.
	Level slog.Level `yaml:"level"`
}

// LogFormat is how a log line is written.
type LogFormat string

// The log formats.
const (
	LogText LogFormat = "text"
	LogJSON LogFormat = "json"
)
