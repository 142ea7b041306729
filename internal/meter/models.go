package meter

import (
	"slices"
	"time"
)

// Model is what the list of models says about one.
type Model struct {
	ID          string
	DisplayName string
	Created     time.Time // the day of its release, midnight UTC
}

// Models are the models that the provider's own API still serves, the newest
// first.
func (b *Book) Models() []Model {
	var models []Model
	for _, known := range b.models {
		if !known.retired {
			models = append(models, Model{ID: known.id, DisplayName: known.displayName, Created: known.released})
		}
	}
	slices.SortStableFunc(models, func(a, b Model) int { return b.Created.Compare(a.Created) })
	return models
}
