package meter

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

// The list prices, as data. The format of prices.json:
//
//	as_of      the day on which the figures were gathered
//	sources    where they come from, by the name that models refer to
//	conflicts  what the sources disagree about, and what was chosen
//	batch      the factor on every token of a batch
//	web_search dollars for one search
//	models     one entry a model:
//	  id, aliases, display_name, released   as the provider's API has them
//	  retired           the day the provider's API stopped serving it; some
//	                    cloud may still do so, hence the price
//	  source            a name in sources
//	  fast              the factor on every token at speed fast, and the first
//	                    day on which it no longer exists
//	  inference_geo_us  the factor on every token when inference is kept in
//	                    the US; absent: the provider refuses that
//	  regional          the factor on every token when a cloud keeps inference
//	                    in a region or a group of them; absent: 1
//	  prices            rates in dollars per million tokens; the members are
//	                    those of Override, and days begin at midnight UTC
//
// Numbers that become money are text, since JSON's own invite binary
// fractions. Source: providers.md 7, 2026-11-23.
//
//go:embed prices.json
var priceList []byte

// list is prices.json.
type list struct {
	AsOf      Date              `json:"as_of"`
	Sources   map[string]string `json:"sources"`
	Conflicts []string          `json:"conflicts"`
	Batch     Decimal           `json:"batch"`
	WebSearch Decimal           `json:"web_search"`
	Models    []listed          `json:"models"`
}

// listed is one model of the list.
type listed struct {
	ID          string   `json:"id"`
	Aliases     []string `json:"aliases"`
	DisplayName string   `json:"display_name"`
	Released    Date     `json:"released"`
	Retired     Date     `json:"retired"`
	Source      string   `json:"source"`
	Fast        struct {
		Multiplier Decimal `json:"multiplier"`
		Until      Date    `json:"until"`
	} `json:"fast"`
	InferenceGeoUS Decimal    `json:"inference_geo_us"`
	Regional       Decimal    `json:"regional"`
	Prices         []Override `json:"prices"`
}

// readList decodes a list strictly.
func readList(text []byte) (l list, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return l, decoder.Decode(&l)
}

// model reads one entry and adds what is wrong with it to found, which can only
// be a mistake in the list itself.
func (m listed) model(found *problems) *model {
	read := &model{id: m.ID, displayName: m.DisplayName, retired: m.Retired != "", geoUS: unit, regional: unit}
	for i, price := range m.Prices {
		read.prices = append(read.prices, price.price(fmt.Sprintf("%s.prices[%d]", m.ID, i), found))
	}
	if m.Fast.Multiplier != "" {
		read.fast = found.nano(m.ID+".fast.multiplier", m.Fast.Multiplier)
	}
	if m.InferenceGeoUS != "" {
		read.geoUS = found.nano(m.ID+".inference_geo_us", m.InferenceGeoUS)
	}
	if m.Regional != "" {
		read.regional = found.nano(m.ID+".regional", m.Regional)
	}
	read.released = found.midnight(m.ID+".released", m.Released)
	read.fastUntil = found.midnight(m.ID+".fast.until", m.Fast.Until)
	return read
}
