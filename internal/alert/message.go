package alert

import (
	"crypto/rand"
	"fmt"
	"time"

	"tollgate"
)

// newMessage is what an alert says, the same at every attempt.
func newMessage(a *tollgate.Alert, zone *time.Location) Message {
	return Message{ID: a.ID(), At: a.Raised.In(zone), Title: title(a), Text: sentence(a, zone), Alert: a}
}

// newTrial is a message that anybody who is told should be able to take.
func newTrial(sink string, at time.Time) Message {
	return Message{
		ID: "test_" + rand.Text(), At: at, Title: "a trial of alerts",
		Text: fmt.Sprintf("This is a trial. What tollgate has to say of budgets arrives here, under the name %s.", sink),
	}
}
