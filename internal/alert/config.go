package alert

import "tollgate/internal/secret"

// Config is who is told when a budget fills up, and from where on.
type Config struct {
	// At are the percentages of a budget at which somebody is told, for budgets
	// that have none of their own. Default: 50, 80, 95 and 100.
	At []int64 `yaml:"at"`
	// Webhooks are addresses of programs that take signed JSON.
	Webhooks []Webhook `yaml:"webhooks"`
	// Slack are incoming webhooks of Slack, or of something that takes the
	// same, such as Mattermost.
	Slack []Slack `yaml:"slack"`
	// Mail are lists of people, and the mail server that reaches them.
	Mail []Mail `yaml:"mail"`
}

// Webhook is the address of a program that takes signed JSON.
type Webhook struct {
	// Name is how logs and metrics speak of it: lower case letters, digits and
	// hyphens, at most 63, unique among all that are told. What has been told
	// is remembered under it.
	Name string `yaml:"name"`
	// URL is where alerts are posted. Plain http is accepted for this machine's
	// own addresses only.
	URL secret.String `yaml:"url"`
	// Secret signs the alerts: at least 16 characters, or whsec_ with the
	// base64 of at least 16 bytes behind it.
	Secret secret.String `yaml:"secret"`
}

// Slack is an incoming webhook of Slack's.
type Slack struct {
	// Name is as under webhooks.
	Name string `yaml:"name"`
	// URL is where alerts are posted. Whoever knows it can post too.
	URL secret.String `yaml:"url"`
}

// Mail is a list of people, and the mail server that reaches them.
type Mail struct {
	// Name is as under webhooks.
	Name string `yaml:"name"`
	// Server is the mail server that takes messages for delivery, host:port.
	Server string `yaml:"server"`
	// From is the sender's address, alone or as "Tollgate <tollgate@example.com>".
	From string `yaml:"from"`
	// To are the addresses of those who are told.
	To []string `yaml:"to"`
	// Username is for servers that want to know who sends.
	Username string `yaml:"username"`
	// Password goes with username.
	Password secret.String `yaml:"password"`
	// TLS is how the connection is kept from being read: starttls, tls from the
	// first byte on as on port 465, or none, which allows no password.
	// Default: starttls.
	TLS Encryption `yaml:"tls"`
}

// Encryption is how a connection to a mail server is encrypted.
type Encryption string

// The encryptions.
const (
	StartTLS Encryption = "starttls" // and nothing is said before it
	Implicit Encryption = "tls"
	Plain    Encryption = "none"
)

// DefaultConfig tells nobody: it has thresholds alone.
func DefaultConfig() Config { return Config{At: []int64{50, 80, 95, 100}} }

// WithDefaults returns the config with every default filled in.
func (c Config) WithDefaults() Config {
	mail := make([]Mail, len(c.Mail))
	for i, each := range c.Mail {
		if each.TLS == "" {
			each.TLS = StartTLS
		}
		mail[i] = each
	}
	c.Mail = mail
	return c
}

// Names are those of all who are told.
func (c Config) Names() (names []string) {
	for _, kind := range kinds {
		for _, each := range kind.entries(c) {
			names = append(names, each.name())
		}
	}
	return names
}

// thresholds are those for budgets that have none of their own.
func (c Config) thresholds() []int {
	at := make([]int, len(c.At))
	for i, percent := range c.At {
		at[i] = int(percent)
	}
	return at
}
