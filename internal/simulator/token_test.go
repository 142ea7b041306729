package simulator

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const tokenBody = `{"grant_type":"urn:ietf:params:oauth:grant-type:jwt-bearer","assertion":"a.b.c","federation_rule_id":"fdrl_1","organization_id":"o"}`

func TestExchangedTokenOpensUntilItExpires(t *testing.T) {
	var tick clock
	p := start(t, Config{Keys: []string{"only this"}, TokenLifetime: time.Minute, Now: tick.now})
	request := p.request("POST", "/v1/oauth/token", tokenBody)
	request.Header.Del("X-Api-Key")
	_, text, err := p.ask(request)
	var issued struct {
		Token   string `json:"access_token"`
		Type    string `json:"token_type"`
		Expires int    `json:"expires_in"`
	}
	if err != nil || json.Unmarshal([]byte(text), &issued) != nil {
		t.Fatalf("got %s, %v", text, err)
	}
	if !strings.HasPrefix(issued.Token, "sk-ant-oat01-") || issued.Type != "Bearer" || issued.Expires != 60 {
		t.Errorf("got %+v", issued)
	}
	for _, status := range []int{200, 401} {
		request := p.request("GET", "/v1/models", "")
		request.Header.Del("X-Api-Key")
		request.Header.Set("Authorization", "Bearer "+issued.Token)
		if response, _, err := p.ask(request); err != nil || response.StatusCode != status {
			t.Errorf("got %v, %v, want %d", response, err, status)
		}
		tick.advance(time.Minute)
	}
}

func TestTokenRequestsThatAreRefused(t *testing.T) {
	p := start(t, Config{})
	for _, change := range [][2]string{{"jwt-bearer", "password"}, {"a.b.c", "nonsense"}, {"fdrl_1", "1"}, {`"o"`, `""`}, {`"o"}`, ``}, {"a.b.c", strings.Repeat("a", 20000) + ".b.c"}} {
		body := strings.Replace(tokenBody, change[0], change[1], 1)
		if response, text, err := p.ask(p.request("POST", "/v1/oauth/token", body)); err != nil || response.StatusCode != 400 {
			t.Errorf("%.40s: got %v, %v: %s", change[1], response, err, text)
		}
	}
}

func TestTokenExchangeCanBeScripted(t *testing.T) {
	p := start(t, Config{Script: scripted(t, "rules: [{match: {operation: token, times: 1}, do: {status: 401}}]")})
	for _, status := range []int{401, 200} {
		if response, _, err := p.ask(p.request("POST", "/v1/oauth/token", tokenBody)); err != nil || response.StatusCode != status {
			t.Errorf("got %v, %v, want %d", response, err, status)
		}
	}
}
