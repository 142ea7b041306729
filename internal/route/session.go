package route

import (
	"container/list"
	"sync"

	"tollgate"
)

const (
	// mostSessions and mostModels bound the memory: at most some 300 bytes for
	// each model of a session.
	mostSessions = 100_000
	mostModels   = 16
)

// Stay is where a session was served.
type Stay struct {
	Session  string
	Model    string // in any spelling
	Upstream string
	Cached   int64 // tokens of the conversation that were in the upstream's cache then
}

// sessions knows of each session who served it last: for each of its models, as
// caches and signatures belong to one, and all in all. The one that was quiet
// longest is forgotten first.
type sessions struct {
	mu    sync.Mutex
	byID  map[string]*list.Element
	order *list.List // of *session, the latest in front
}

type session struct {
	id    string
	stays []Stay // one for each model, the latest in front
}

func newSessions() *sessions { return &sessions{byID: map[string]*list.Element{}, order: list.New()} }

// at is the upstream that a session is to stay with; empty when none is known.
func (s *sessions) at(id, model string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	element := s.byID[id]
	if element == nil {
		return ""
	}
	stays := element.Value.(*session).stays
	for _, stay := range stays {
		if stay.Model == model {
			return stay.Upstream
		}
	}
	return stays[0].Upstream
}

// put remembers a stay and returns the one before it for this model.
func (s *sessions) put(next Stay) (before Stay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	element := s.byID[next.Session]
	if element == nil {
		s.makeRoom()
		element = s.order.PushFront(&session{id: next.Session})
		s.byID[next.Session] = element
	}
	s.order.MoveToFront(element)
	return element.Value.(*session).put(next)
}

func (s *session) put(next Stay) (before Stay) {
	at := 0
	for at < len(s.stays) && s.stays[at].Model != next.Model {
		at++
	}
	switch {
	case at < len(s.stays):
		before = s.stays[at]
	case at < mostModels:
		s.stays = append(s.stays, Stay{})
	default:
		at-- // the model that was quiet longest
	}
	copy(s.stays[1:at+1], s.stays[:at])
	s.stays[0] = next
	return before
}

func (s *sessions) makeRoom() {
	if s.order.Len() < mostSessions {
		return
	}
	oldest := s.order.Back()
	delete(s.byID, s.order.Remove(oldest).(*session).id)
}

// StayOf is the stay that an exchange tells of; served says whether it does.
func StayOf(x *tollgate.Exchange) (stay Stay, served bool) {
	if x.Session == "" || x.Upstream == "" || x.Status != 200 || x.Operation != tollgate.Messages {
		return Stay{}, false
	}
	cached := x.Usage.CacheRead + x.Usage.CacheWrite5m + x.Usage.CacheWrite1h
	return Stay{Session: x.Session, Model: tollgate.ParseModel(x.Model).String(), Upstream: x.Upstream, Cached: cached}, true
}
