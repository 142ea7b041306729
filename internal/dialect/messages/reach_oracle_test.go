package messages

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"tollgate/internal/jsonedit"
)

// FuzzReachOracle holds that hopping through a body once finds what looking
// through it for one thing after another finds, of whatever is JSON.
func FuzzReachOracle(f *testing.F) {
	f.Add([]byte(modestBody + "}"))
	for _, body := range reachSeeds {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !json.Valid(body) {
			t.Skip("no provider reads it")
		}
		if got, want := ReachOf(jsonedit.Open(body)), plainReachOf(body); !reflect.DeepEqual(got, want) {
			t.Errorf("%q reaches %+v, want %+v", body, got, want)
		}
		if got, want := slices.Collect(OtherModels(jsonedit.Open(body))), plainOtherModels(body); !slices.Equal(got, want) {
			t.Errorf("%q names %q, want %q", body, got, want)
		}
	})
}

var reachSeeds = []string{
	`{"model":"m","messages":[{"tool":{"type":"web_search_20250305","model":"a"}},{"model" : "b"}],"fallbacks":["c",{"model":"d"}]}`,
	`{"model":"m","system":[{"type":"bash_20250124","model":"a"},{"type":"\"type":"x_20250124"}]}`,
	`{"messages":"\"type":"web_search_20250305"}`, `{"messages":[{"type": "web_search_2025030"}],"system":"type"}`,
	`{"media_type":"application\u002Fpdf\\u0041\\\u0041"}`, `{"a":"application\\u002fpdf"}`, `{"a":"application\/pdf","b":"application//pdf"}`,
	`{"type":"image","b" :	"image","c":"url","d": "url","file_id":0,"x":"\"file_id"}`, `"url"`, ` "image"`, `:"image"`, `"type":"a_00000000`,
	`{"tools":[{"type":"advisor_20260301","model":"a","model":"b"},"x",1],"speed":"fast","context_management":"compact","system":{"type":"m_00000000"}}`,
	`{"a":"\u0000\u00zz\u003\u0040"}`, `\u00`, `{"a":"\\u0061"}`,
}

// plainReachOf is ReachOf as it was first: one walk for each thing.
func plainReachOf(body []byte) Reach {
	reach := Reach{Images: countValues(body, []byte(`"image"`)), Beyond: refers(body)}
	note := func(model string) bool {
		reach.Models = append(reach.Models, model)
		return true
	}
	for member, err := range jsonedit.Members(body) {
		if err != nil {
			return reach
		}
		plainOthers(member, note)
		switch {
		case member.Is("speed"):
			speed, _ := member.Text()
			reach.Fast = reach.Fast || speed == "fast"
		case member.Is("messages"), member.Is("system"):
			reach.Beyond = reach.Beyond || bringsTools(member.Value)
		case member.Is("context_management"):
			reach.Beyond = reach.Beyond || bytes.Contains(member.Value, []byte("compact"))
		case member.Is("tools"):
			reach.Beyond = reach.Beyond || runsTools(member.Value)
		default:
			reach.Beyond = reach.Beyond || !slices.ContainsFunc(modest, member.Is)
		}
	}
	return reach
}

func plainOtherModels(body []byte) (models []string) {
	for member, err := range jsonedit.Members(body) {
		if err != nil {
			return models
		}
		plainOthers(member, func(model string) bool {
			models = append(models, model)
			return true
		})
	}
	return models
}

func plainOthers(member jsonedit.Member, yield func(string) bool) {
	switch {
	case member.Is("fallbacks"):
		yieldModels(member.Value, true, yield)
	case member.Is("tools"):
		yieldModels(member.Value, false, yield)
	case member.Is("messages"), member.Is("system"):
		if bringsTools(member.Value) {
			yieldNamed(member.Value, yield)
		}
	}
}

func yieldNamed(value []byte, yield func(string) bool) {
	for {
		_, rest, found := bytes.Cut(value, []byte(`"model"`))
		if !found {
			return
		}
		if name := string(textAfterColon(rest)); name != "" {
			yield(name)
		}
		value = rest
	}
}

var dated = regexp.MustCompile(`_\d{8}$`)

func bringsTools(conversation []byte) bool {
	for {
		_, rest, found := bytes.Cut(conversation, []byte(`"type"`))
		if !found {
			return false
		}
		if kind := string(textAfterColon(rest)); dated.MatchString(kind) && !slices.Contains(clientTools, dated.ReplaceAllString(kind, "")) {
			return true
		}
		conversation = rest
	}
}

func refers(body []byte) bool {
	if namesFile(body) || countValues(body, []byte(`"url"`)) > 0 || spellsWords(body) {
		return true
	}
	for _, stroke := range []string{`/`, `\/`, `\u002f`, `\u002F`} {
		if bytes.Contains(body, []byte("application"+stroke+"pdf")) {
			return true
		}
	}
	return false
}

func namesFile(body []byte) bool {
	for {
		_, rest, found := bytes.Cut(body, []byte(`"file_id"`))
		if !found || bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte{':'}) {
			return found
		}
		body = rest
	}
}

func countValues(body, text []byte) (n int) {
	for at := 0; ; {
		next := bytes.Index(body[at:], text)
		if next < 0 {
			return n
		}
		if before := bytes.TrimRight(body[:at+next], " \t\r\n"); bytes.HasSuffix(before, []byte{':'}) {
			n++
		}
		at += next + len(text)
	}
}

func spellsWords(body []byte) bool {
	escape := []byte(`\u00`)
	for at := 0; ; {
		next := bytes.Index(body[at:], escape)
		if next < 0 {
			return false
		}
		before := body[:at+next]
		at += next + len(escape)
		if backslashes := len(before) - len(bytes.TrimRight(before, `\`)); backslashes%2 == 0 && jsonedit.IsWord(body[at:]) {
			return true
		}
	}
}
