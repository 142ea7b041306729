package rollout

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
)

// deepest is how far values of a property list may stand within each other.
const deepest = 64

// fromProfile finds Claude Code's settings in a property list: in a payload of
// its domain, in the older payload for the preferences of any program, or in
// the list itself.
func fromProfile(text []byte) (map[string]any, error) {
	list, err := readPlist(text)
	if err != nil {
		return nil, err
	}
	payloads, is := list["PayloadContent"].([]any)
	if !is {
		return list, nil
	}
	for _, each := range payloads {
		payload, _ := each.(map[string]any)
		if payload["PayloadType"] == domain {
			return payload, nil
		}
		if settings := forced(payload); settings != nil {
			return settings, nil
		}
	}
	return nil, unreadable("it is a profile without a payload for " + domain)
}

// forced are the settings in a payload of the type com.apple.ManagedClient.preferences.
func forced(payload map[string]any) map[string]any {
	content, _ := payload["PayloadContent"].(map[string]any)
	preferences, _ := content[domain].(map[string]any)
	all, _ := preferences["Forced"].([]any)
	for _, each := range all {
		one, _ := each.(map[string]any)
		if settings, is := one["mcx_preference_settings"].(map[string]any); is {
			return settings
		}
	}
	return nil
}

func readPlist(text []byte) (map[string]any, error) {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, unreadable("it is no property list")
		}
		start, is := token.(xml.StartElement)
		if !is || start.Name.Local == "plist" {
			continue
		}
		value, err := plistValue(decoder, start, 0)
		if err != nil {
			return nil, unreadable("it is no property list, or is cut")
		}
		if dict, is := value.(map[string]any); is {
			return dict, nil
		}
		return nil, unreadable("it is a property list, but not of settings")
	}
}

// plistValue reads the value that this element begins.
func plistValue(decoder *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > deepest {
		return nil, io.ErrUnexpectedEOF
	}
	switch start.Name.Local {
	case "dict":
		return plistDict(decoder, depth)
	case "array":
		return plistArray(decoder, depth)
	case "true", "false":
		return start.Name.Local == "true", decoder.Skip()
	}
	var text string
	if err := decoder.DecodeElement(&text, &start); err != nil {
		return nil, err
	}
	if start.Name.Local == "string" {
		return text, nil
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil && start.Name.Local != "data" {
		return number, nil
	}
	return []byte(text), nil // a date or data: nothing that settings need
}

func plistDict(decoder *xml.Decoder, depth int) (map[string]any, error) {
	dict := map[string]any{}
	for {
		start, more, err := nextElement(decoder)
		if err != nil || !more {
			return dict, err
		}
		var key string
		if err := decoder.DecodeElement(&key, &start); err != nil || start.Name.Local != "key" {
			return nil, io.ErrUnexpectedEOF
		}
		start, more, err = nextElement(decoder)
		if err != nil || !more {
			return nil, io.ErrUnexpectedEOF
		}
		if dict[key], err = plistValue(decoder, start, depth+1); err != nil {
			return nil, err
		}
	}
}

func plistArray(decoder *xml.Decoder, depth int) ([]any, error) {
	array := []any{}
	for {
		start, more, err := nextElement(decoder)
		if err != nil || !more {
			return array, err
		}
		value, err := plistValue(decoder, start, depth+1)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
}

// nextElement is the next one that begins, or none when the one around it ends.
func nextElement(decoder *xml.Decoder) (start xml.StartElement, more bool, err error) {
	for {
		token, err := decoder.Token()
		if err != nil {
			return start, false, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			return token, true, nil
		case xml.EndElement:
			return start, false, nil
		}
	}
}
