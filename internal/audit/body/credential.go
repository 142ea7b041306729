package body

import (
	"bytes"
	"strings"
)

// form is how a kind of credential can be told. The forms are those that their
// makers publish, and those that secret scanners look for (2026-11-24).
type form struct {
	name   string
	begins string // in small letters where fold is set
	fold   bool   // whatever the case of its letters
	inside bool   // it may begin in the middle of a word
	// rest finds the credential: the form begins at from, and its beginning ends
	// at at. to is 0 when it is none.
	rest func(text []byte, from, at int) (begin, to int)
}

// forms are tried in order at each place.
var forms = []form{
	{name: "anthropic-key", begins: "sk-ant-", rest: word(wordy, 16)},
	{name: "gateway-key", begins: "tgk_", rest: word(wordy, 40)},
	{name: "stripe-key", begins: "sk_live_", rest: word(wordy, 16)},
	{name: "provider-key", begins: "sk-", rest: word(wordy, 32)},
	{name: "provider-key", begins: "hf_", rest: word(wordy, 30)},
	{name: "aws-access-key", begins: "AKIA", rest: word(wordy, 16)},
	{name: "aws-access-key", begins: "ASIA", rest: word(wordy, 16)},
	{name: "aws-bedrock-key", begins: "ABSK", rest: word(base64y, 40)},
	{name: "aws-bedrock-key", begins: "bedrock-api-key-", rest: word(base64y, 20)},
	{name: "aws-secret", begins: "aws_secret_access_key", fold: true, rest: value(20)},
	{name: "aws-secret", begins: "secret_access_key", fold: true, rest: value(20)},
	{name: "aws-secret", begins: "secretaccesskey", fold: true, rest: value(20)},
	{name: "aws-secret", begins: "aws_session_token", fold: true, rest: value(20)},
	{name: "aws-secret", begins: "sessiontoken", fold: true, rest: value(40)},
	{name: "google-key", begins: "AIza", rest: word(wordy, 30)},
	{name: "google-token", begins: "ya29.", rest: word(tokeny, 20)},
	{name: "google-secret", begins: "GOCSPX-", rest: word(wordy, 20)},
	{name: "azure-key", begins: "accountkey", fold: true, rest: value(40)},
	{name: "azure-key", begins: "sharedaccesskey", fold: true, rest: value(40)},
	{name: "azure-signature", begins: "sig=", rest: after(base64y, 40)},
	{name: "azure-secret", begins: "8Q~", inside: true, rest: azureSecret},
	{name: "github-token", begins: "ghp_", rest: word(wordy, 36)},
	{name: "github-token", begins: "gho_", rest: word(wordy, 36)},
	{name: "github-token", begins: "ghu_", rest: word(wordy, 36)},
	{name: "github-token", begins: "ghs_", rest: word(wordy, 36)},
	{name: "github-token", begins: "ghr_", rest: word(wordy, 36)},
	{name: "github-token", begins: "github_pat_", rest: word(wordy, 36)},
	{name: "gitlab-token", begins: "glpat-", rest: word(wordy, 20)},
	{name: "npm-token", begins: "npm_", rest: word(wordy, 36)},
	{name: "pypi-token", begins: "pypi-", rest: word(wordy, 50)},
	{name: "slack-token", begins: "xoxa-", rest: word(wordy, 10)},
	{name: "slack-token", begins: "xoxb-", rest: word(wordy, 10)},
	{name: "slack-token", begins: "xoxe", rest: word(tokeny, 20)},
	{name: "slack-token", begins: "xoxp-", rest: word(wordy, 10)},
	{name: "slack-token", begins: "xoxr-", rest: word(wordy, 10)},
	{name: "slack-token", begins: "xoxs-", rest: word(wordy, 10)},
	{name: "slack-token", begins: "xapp-", rest: word(wordy, 10)},
	{name: "slack-webhook", begins: "hooks.slack.com/services/", inside: true, rest: after(base64y, 20)},
	{name: "age-identity", begins: "age-secret-key-1", fold: true, rest: word(wordy, 50)},
	{name: "private-key", begins: "-----BEGIN ", inside: true, rest: privateKey},
	{name: "jwt", begins: "eyJ", rest: webToken},
	{name: "bearer", begins: "bearer", fold: true, rest: header(20)},
	{name: "basic", begins: "basic", fold: true, rest: header(16)},
	{name: "api-key", begins: "x-api-key", fold: true, rest: value(16)},
	{name: "url-password", begins: "://", inside: true, rest: urlPassword},
}

// class is a set of characters.
type class [256]bool

func classOf(letters string) *class {
	c := new(class)
	for i := range 26 {
		c['a'+i], c['A'+i] = true, true
	}
	for _, b := range []byte("0123456789" + letters) {
		c[b] = true
	}
	return c
}

var (
	wordy   = classOf("_-")
	tokeny  = classOf("_-.~+/=")
	base64y = classOf("_-+/=%")
	secrety = classOf("_~.-")
)

// run is where the characters of a class end, and how many there are.
func run(text []byte, at int, in *class) (end, count int) {
	for at < len(text) {
		c, width := unit(text, at)
		if !in[c] {
			break
		}
		at += width
		count++
	}
	return at, count
}

// word is a credential whose beginning is a part of it.
func word(in *class, least int) func([]byte, int, int) (int, int) {
	return func(text []byte, from, at int) (int, int) {
		if end, count := run(text, at, in); count >= least {
			return from, end
		}
		return 0, 0
	}
}

// after is a credential that comes behind what tells it.
func after(in *class, least int) func([]byte, int, int) (int, int) {
	return func(text []byte, _, at int) (int, int) {
		if end, count := run(text, at, in); count >= least {
			return at, end
		}
		return 0, 0
	}
}

// value is what is assigned to a name, in whichever notation.
func value(least int) func([]byte, int, int) (int, int) {
	return func(text []byte, _, at int) (int, int) {
		const signs = 12 // between a name and its value
		for range signs {
			if at == len(text) {
				return 0, 0
			}
			c, width := unit(text, at)
			if !strings.ContainsRune(" \t=:>\"'`,", rune(c)) {
				break
			}
			at += width
		}
		return after(base64y, least)(text, at, at)
	}
}

// header is what comes behind the scheme of an authorization. Words of a
// sentence have no digits.
func header(least int) func([]byte, int, int) (int, int) {
	return func(text []byte, _, at int) (int, int) {
		begin := at
		for begin < len(text) && begin-at < 4 && (text[begin] == ' ' || text[begin] == ':') {
			begin++
		}
		end, count := run(text, begin, tokeny)
		if begin == at || count < least || !bytes.ContainsAny(text[begin:end], "0123456789") {
			return 0, 0
		}
		return begin, end
	}
}

// webToken is three parts with points between.
func webToken(text []byte, from, at int) (int, int) {
	for range 2 {
		end, count := run(text, at, wordy)
		if count < 8 || end == len(text) || text[end] != '.' {
			return 0, 0
		}
		at = end + 1
	}
	end, _ := run(text, at, wordy)
	return from, end
}

// azureSecret has what tells it in the fourth place (an application's secret in
// Entra ID).
func azureSecret(text []byte, from, at int) (int, int) {
	begin := from - 3
	if begin < 0 || begin > 0 && (text[begin-1] == '\\' || wordy[text[begin-1]]) {
		return 0, 0
	}
	for _, b := range text[begin:from] {
		if !secrety[b] {
			return 0, 0
		}
	}
	if end, count := run(text, at, secrety); count >= 31 {
		return begin, end
	}
	return 0, 0
}

const dashes = "-----"

// privateKey goes from the line that begins it to the one that ends it, or as
// far as it is there.
func privateKey(text []byte, from, at int) (int, int) {
	end := at
	for end < len(text) && (text[end] == ' ' || 'A' <= text[end] && text[end] <= 'Z' || '0' <= text[end] && text[end] <= '9') {
		end++
	}
	if !bytes.Contains(text[at:end], []byte("PRIVATE KEY")) || !bytes.HasPrefix(text[end:], []byte(dashes)) {
		return 0, 0
	}
	for end += len(dashes); end < len(text) && !bytes.HasPrefix(text[end:], []byte(dashes)); {
		c, width := unit(text, end)
		if !base64y[c] && !strings.ContainsRune(" \t\r\n:,.", rune(c)) {
			return from, end
		}
		end += width
	}
	if rest := bytes.TrimPrefix(text[end:], []byte(dashes+"END ")); len(rest) < len(text)-end {
		if name := bytes.Index(rest[:min(len(rest), 64)], []byte(dashes)); name >= 0 && !bytes.ContainsAny(rest[:name], "\"\\") {
			return from, len(text) - len(rest) + name + len(dashes)
		}
	}
	return from, end
}

// urlPassword is what stands between the name and the host.
func urlPassword(text []byte, _, at int) (int, int) {
	begin := 0
	for i := at; i < len(text); {
		c, width := unit(text, i)
		switch {
		case c == '@' && begin > 0 && i > begin:
			return begin, i
		case c == ':' && begin == 0:
			begin = i + width
		case c <= ' ' || strings.ContainsRune("/\"'<>`\\?#@", rune(c)):
			return 0, 0
		}
		i += width
	}
	return 0, 0
}
