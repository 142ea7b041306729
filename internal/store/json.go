package store

import "encoding/json"

// jsonList is a list as a column keeps it: JSON, empty when the list is.
func jsonList[T any](list []T) string {
	if len(list) == 0 {
		return ""
	}
	text, _ := json.Marshal(list) // strings and plain structs: it cannot fail
	return string(text)
}

// fromJSON is the inverse of jsonList.
func fromJSON[T any](text string, list *[]T) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), list)
}
