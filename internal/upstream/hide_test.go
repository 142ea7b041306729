package upstream

import "testing"

func TestHide(t *testing.T) {
	u := &Upstream{own: namesOf(Config{Resource: "acme", Project: "acme-prod.1", Workspace: "x"})}
	for text, want := range map[string]string{
		`(resource acme of ACME)`:                 `(resource [resource] of [resource])`,
		`acme acme-prod.1 acme`:                   `[resource] [resource] [resource]`,
		`{"message":"resource \"acme\" is full"}`: `{"message":"resource \"[resource]\" is full"}`,
		`acmeistic, not-acme, acme1, x`:           `acmeistic, not-acme, acme1, x`,
		`https://acme.services.ai.azure.com`:      `https://[resource].services.ai.azure.com`,
	} {
		if got := string(u.Hide([]byte(text))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := string((&Upstream{}).Hide([]byte("acme"))); got != "acme" {
		t.Error(got)
	}
}
