package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tollgate/internal/secret"
)

// valid has one of each.
func valid() Config {
	c := DefaultConfig()
	c.Webhooks = []Webhook{{Name: "hook", URL: secret.New("https://hooks.example.com/" + canary), Secret: secret.New(canary)}}
	c.Slack = []Slack{{Name: "chat", URL: secret.New("https://chat.example.com/" + canary)}}
	c.Mail = []Mail{{
		Name: "mail", Server: "smtp.example.com:587", From: "Tollgate <tollgate@example.com>", To: []string{"ann@example.com"},
		Username: "tollgate", Password: secret.New(canary),
	}}
	return c.WithDefaults()
}

func TestValidate(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Config)
		paths  []string
	}{
		"valid":               {func(*Config) {}, nil},
		"nobody":              {func(c *Config) { *c = DefaultConfig() }, nil},
		"no thresholds":       {func(c *Config) { c.At = nil }, []string{"at"}},
		"threshold 0":         {func(c *Config) { c.At = []int64{0, 1, 1000, 1001} }, []string{"at[0]", "at[3]"}},
		"threshold twice":     {func(c *Config) { c.At = []int64{50, 80, 50} }, []string{"at[2]"}},
		"no name":             {func(c *Config) { c.Slack[0].Name = "" }, []string{"slack[0].name"}},
		"two without a name":  {func(c *Config) { c.Slack[0].Name, c.Mail[0].Name = "", "" }, []string{"slack[0].name", "mail[0].name"}},
		"bad name":            {func(c *Config) { c.Slack[0].Name = "The boss" }, []string{"slack[0].name"}},
		"the same name":       {func(c *Config) { c.Mail[0].Name = "hook" }, []string{"mail[0].name"}},
		"no url":              {func(c *Config) { c.Slack[0].URL = secret.String{} }, []string{"slack[0].url"}},
		"relative url":        {func(c *Config) { c.Slack[0].URL = secret.New("/x/" + canary) }, []string{"slack[0].url"}},
		"url of a file":       {func(c *Config) { c.Slack[0].URL = secret.New("file:///x/" + canary) }, []string{"slack[0].url"}},
		"unreadable url":      {func(c *Config) { c.Slack[0].URL = secret.New("https://\x7f/" + canary) }, []string{"slack[0].url"}},
		"url with a user":     {func(c *Config) { c.Webhooks[0].URL = secret.New("https://a:" + canary + "@x") }, []string{"webhooks[0].url"}},
		"url with a port":     {func(c *Config) { c.Webhooks[0].URL = secret.New("https://x:0/") }, []string{"webhooks[0].url"}},
		"plain http":          {func(c *Config) { c.Webhooks[0].URL = secret.New("http://10.0.0.1/" + canary) }, []string{"webhooks[0].url"}},
		"plain http here":     {func(c *Config) { c.Webhooks[0].URL = secret.New("http://127.0.0.1:9/") }, nil},
		"plain http to [::1]": {func(c *Config) { c.Webhooks[0].URL = secret.New("http://[::1]/") }, nil},
		"no secret":           {func(c *Config) { c.Webhooks[0].Secret = secret.String{} }, []string{"webhooks[0].secret"}},
		"short secret":        {func(c *Config) { c.Webhooks[0].Secret = secret.New(canary[:15]) }, []string{"webhooks[0].secret"}},
		"short whsec":         {func(c *Config) { c.Webhooks[0].Secret = secret.New("whsec_MDEyMzQ1Njc4OWFiY2RlZg") }, []string{"webhooks[0].secret"}},
		"broken whsec":        {func(c *Config) { c.Webhooks[0].Secret = secret.New("whsec_" + canary) }, []string{"webhooks[0].secret"}},
		"whsec":               {func(c *Config) { c.Webhooks[0].Secret = secret.New("whsec_MDEyMzQ1Njc4OWFiY2RlZg==") }, nil},
		"no server":           {func(c *Config) { c.Mail[0].Server = "" }, []string{"mail[0].server"}},
		"no port":             {func(c *Config) { c.Mail[0].Server = "smtp.example.com" }, []string{"mail[0].server"}},
		"no host":             {func(c *Config) { c.Mail[0].Server = ":25" }, []string{"mail[0].server"}},
		"port by name":        {func(c *Config) { c.Mail[0].Server = "smtp.example.com:smtp" }, []string{"mail[0].server"}},
		"IPv6":                {func(c *Config) { c.Mail[0].Server = "[::1]:25" }, nil},
		"no from":             {func(c *Config) { c.Mail[0].From = "" }, []string{"mail[0].from"}},
		"two froms":           {func(c *Config) { c.Mail[0].From = "a@example.com, b@example.com" }, []string{"mail[0].from"}},
		"from with a break":   {func(c *Config) { c.Mail[0].From = "a@example.com\r\nBcc: b@example.com" }, []string{"mail[0].from"}},
		"from in UTF-8":       {func(c *Config) { c.Mail[0].From = "änn@example.com" }, []string{"mail[0].from"}},
		"no to":               {func(c *Config) { c.Mail[0].To = nil }, []string{"mail[0].to"}},
		"bad to":              {func(c *Config) { c.Mail[0].To = []string{"a@example.com", "b", "c@"} }, []string{"mail[0].to[1]", "mail[0].to[2]"}},
		"no username":         {func(c *Config) { c.Mail[0].Username = "" }, []string{"mail[0].username"}},
		"no password":         {func(c *Config) { c.Mail[0].Password = secret.String{} }, []string{"mail[0].password"}},
		"no such tls":         {func(c *Config) { c.Mail[0].TLS = "ssl" }, []string{"mail[0].tls"}},
		"password in clear":   {func(c *Config) { c.Mail[0].TLS = Plain }, []string{"mail[0].tls"}},
		"in clear":            {func(c *Config) { c.Mail[0].TLS, c.Mail[0].Username, c.Mail[0].Password = Plain, "", secret.String{} }, nil},
		"all at once": {
			func(c *Config) {
				c.At[0], c.Webhooks[0], c.Slack[0].URL, c.Mail[0] = 0, Webhook{}, secret.String{}, Mail{TLS: StartTLS}
			},
			[]string{"at[0]", "webhooks[0].url", "webhooks[0].secret", "webhooks[0].name", "slack[0].url", "mail[0].server", "mail[0].from", "mail[0].to", "mail[0].name"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := valid()
			test.change(&c)
			var paths []string
			for _, problem := range c.Validate() {
				paths = append(paths, problem.Path)
				if problem.Message == "" || problem.Remedy == "" || strings.Contains(fmt.Sprint(problem), canary) {
					t.Errorf("%+v", problem)
				}
			}
			if !slices.Equal(paths, test.paths) {
				t.Errorf("problems at %q, want %q", paths, test.paths)
			}
		})
	}
}
