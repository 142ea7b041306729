package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"

	"tollgate"
)

// Entries lists records, newest first. The cursor of the next page is empty on the
// last one. Records that are added meanwhile do not move the pages.
func (t Trail) Entries(ctx context.Context, query tollgate.AuditQuery) (page []tollgate.AuditEntry, next string, err error) {
	if query.Limit < 1 {
		return nil, "", tollgate.Errorf(tollgate.Invalid, "a page has at least one record, not %d", query.Limit)
	}
	err = t.store.view(ctx, func(tx *sql.Tx) error {
		wanted, err := newHunt(ctx, tx, query)
		if err != nil {
			return err
		}
		if page, err = wanted.run(ctx, tx, query.Limit+1); err != nil {
			return err
		}
		if len(page) > query.Limit {
			page = page[:query.Limit]
			next = page[query.Limit-1].ID
		}
		return nil
	})
	return page, next, err
}

// hunt is what is looked for, apart for requests and for events. nil: none.
type hunt struct {
	requests *choice
	events   *conditions
}

// newHunt reads a question. Some attributes only events have, others only
// requests; who asks for one of them is not shown the others.
func newHunt(ctx context.Context, from querier, query tollgate.AuditQuery) (h hunt, err error) {
	where, special := map[string][]string{}, map[string][]string{}
	for name, values := range query.Where {
		if slices.Contains(tollgate.AuditAttributes(), name) {
			special[name] = values
		} else {
			where[name] = values
		}
	}
	for _, action := range special["action"] {
		if strings.Contains(strings.TrimSuffix(action, "*"), "*") {
			return h, tollgate.Errorf(tollgate.Invalid, "%q cannot be looked for: an action may end in *, as in key.*, and have none elsewhere", action)
		}
	}
	people, err := peopleOf(ctx, from, special["person"], where["developer"])
	if err != nil {
		return h, err
	}
	ofRequests := maps.Clone(where)
	if len(people) > 0 {
		ofRequests["developer"] = slices.Sorted(maps.Values(people))
	}
	requests, err := choose(query.Since, query.Until, ofRequests)
	if err != nil {
		return h, err
	}
	events := new(conditions)
	if !query.Since.IsZero() {
		events.and("time >= ?", micros(query.Since))
		events.and("id >= ?", eventID(tollgate.FirstRequestID(query.Since.Add(-drift))))
	}
	if !query.Until.IsZero() {
		events.and("time < ?", micros(query.Until))
		events.and("id < ?", eventID(tollgate.FirstRequestID(query.Until.Add(drift))))
	}
	if query.Cursor != "" {
		cursor := requestID(query.Cursor)
		if !tollgate.IsRequestID(cursor) {
			return h, tollgate.Errorf(tollgate.Invalid, "%q is not a cursor; take the one that came with the page before", query.Cursor)
		}
		requests.ids.and("id < ?", cursor)
		events.and("id < ?", eventID(cursor))
	}
	if requests.ended(special["outcome"]) && requests.acted(special["action"]) && len(special["actor"])+len(special["object"]) == 0 {
		h.requests = &requests
	}
	if !about(events, where, people) {
		return h, nil
	}
	events.actions(special["action"])
	events.oneOf("outcome", anys(special["outcome"]))
	events.oneOf("actor", anys(special["actor"]))
	h.events = events
	return h, events.objects(ctx, from, special["object"])
}

// peopleOf are people's addresses by their pseudonyms; one who was erased has
// the pseudonym in the place of the address. Nobody knows of others.
func peopleOf(ctx context.Context, from querier, persons, emails []string) (map[string]string, error) {
	people := map[string]string{}
	for _, word := range slices.Concat(persons, emails) {
		found, err := find(ctx, from, scanPerson, "SELECT id, email FROM person WHERE id = ? OR email = ?", word, word)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			people[word] = word
		}
		for _, person := range found {
			people[person[0]] = person[1]
		}
	}
	return people, nil
}

func scanPerson(row scanner) (person [2]string, err error) {
	return person, row.Scan(&person[0], &person[1])
}

func eventID(id string) string { return "evt_" + strings.TrimPrefix(id, "req_") }
func requestID(id string) string {
	return "req_" + strings.TrimPrefix(strings.TrimPrefix(id, "evt_"), "req_")
}

// ended narrows the choice to outcomes, and says whether requests have any of them.
func (c *choice) ended(outcomes []string) bool {
	if len(outcomes) == 0 {
		return true
	}
	terms, bad := []string{}, true
	for _, outcome := range outcomes {
		switch outcome {
		case "answered":
			terms, bad = append(terms, "NOT "+amiss), false
		case "refused":
			terms = append(terms, "(upstream = '' AND status >= 400)")
		case "failed":
			terms = append(terms, "("+amiss+" AND NOT (upstream = '' AND status >= 400))")
		}
	}
	if len(terms) == 0 {
		return false
	}
	if bad {
		c.own.and(amiss)
	}
	if slices.Equal(outcomes, []string{"refused"}) {
		c.profile.and("upstream = ''")
		c.own.and("status >= 400")
		return true
	}
	c.joined.and("(" + strings.Join(terms, " OR ") + ")")
	return true
}

// acted says whether requests have any of the actions.
func (c *choice) acted(actions []string) bool {
	return len(actions) == 0 || slices.ContainsFunc(actions, func(action string) bool {
		begin, any := strings.CutSuffix(action, "*")
		return action == string(tollgate.AuditedRequest) || any && strings.HasPrefix(string(tollgate.AuditedRequest), begin)
	})
}

// actions adds the condition that an action is one of them; one that ends in *
// stands for all that begin so.
func (c *conditions) actions(actions []string) {
	if len(actions) == 0 {
		return
	}
	var terms []string
	for _, action := range actions {
		if begin, any := strings.CutSuffix(action, "*"); any {
			terms = append(terms, "(action >= ? AND action < ?)")
			c.args = append(c.args, begin, begin+"\U0010ffff")
		} else {
			terms = append(terms, "action = ?")
			c.args = append(c.args, action)
		}
	}
	c.terms = append(c.terms, "("+strings.Join(terms, " OR ")+")")
}

// objects adds the condition that an event is about one of them, be it named by a
// pseudonym or by an address.
func (c *conditions) objects(ctx context.Context, from querier, objects []string) error {
	all := slices.Clone(objects)
	for _, object := range objects {
		kind, name, scoped := strings.Cut(object, ":")
		if !scoped {
			kind, name = "", object
		}
		people, err := peopleOf(ctx, from, []string{name}, nil)
		if err != nil {
			return err
		}
		for id := range people {
			if scoped {
				id = kind + ":" + id
			}
			all = append(all, id)
		}
	}
	c.oneOf("object", anys(all))
	return nil
}

// kindsOfEvents are the attributes of requests that events are about too, with the
// actions of the events that name them bare.
var kindsOfEvents = map[string]string{"developer": "developer.", "key": "key.", "team": "team.", "service": "service.", "upstream": "upstream."}

// about adds the condition that an event is about what the attributes of requests
// say, alone or in a scope. It says whether events can be.
func about(events *conditions, where map[string][]string, people map[string]string) bool {
	for name, values := range where {
		if _, known := kindsOfEvents[name]; !known && len(values) > 0 {
			return false
		}
	}
	wanted := maps.Clone(where)
	if len(people) > 0 {
		wanted["developer"] = slices.Sorted(maps.Keys(people))
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if len(wanted[name]) == 0 {
			continue
		}
		begin := kindsOfEvents[name]
		var scopes []any
		for _, value := range wanted[name] {
			scopes = append(scopes, name+":"+value)
		}
		bare := anys(wanted[name])
		events.and("(object IN ("+placeholders(len(scopes))+") OR object IN ("+placeholders(len(bare))+") AND action >= ? AND action < ?)",
			append(append(scopes, bare...), begin, begin+"\U0010ffff")...)
	}
	return true
}

// run finds so many.
func (h hunt) run(ctx context.Context, from querier, limit int) (entries []tollgate.AuditEntry, err error) {
	if h.requests != nil {
		ids, err := h.requests.newest(ctx, from, limit)
		if err != nil {
			return nil, err
		}
		if entries, err = requestEntries(ctx, from, ids); err != nil {
			return nil, err
		}
	}
	if h.events != nil {
		events, err := find(ctx, from, scanEventEntry, selectEventEntry+h.events.where()+" ORDER BY id DESC LIMIT ?", append(h.events.args, limit)...)
		if err != nil {
			return nil, err
		}
		entries = append(entries, events...)
	}
	slices.SortFunc(entries, func(a, b tollgate.AuditEntry) int { return cmp.Compare(requestID(b.ID), requestID(a.ID)) })
	return entries[:min(limit, len(entries))], nil
}

// requestEntries reads the records of requests. The oldest requests have none any
// more, or are from before the log was begun.
func requestEntries(ctx context.Context, from querier, ids []string) (entries []tollgate.AuditEntry, err error) {
	const text = `
		SELECT coalesce(audit_chain.name, ''), audit_number, coalesce(line, ''), time, request.id, upstream, status, error, developer, service, model
		FROM request JOIN profile USING (profile_id)
		LEFT JOIN audit_chain ON audit_chain.chain_id = request.audit_chain
		LEFT JOIN audit_record ON place = (request.audit_chain << 40) + audit_number`
	for some := range slices.Chunk(ids, linesAtOnce) {
		chosen := new(conditions)
		chosen.oneOf("request.id", anys(some))
		chosen.and("audit_number > coalesce(retired, 0)")
		found, err := find(ctx, from, scanRequestEntry, text+chosen.where(), chosen.args...)
		if err != nil {
			return nil, err
		}
		entries = append(entries, found...)
	}
	return entries, nil
}

func scanRequestEntry(row scanner) (e tollgate.AuditEntry, err error) {
	var upstream, failure, developer, service string
	var status int64
	err = row.Scan(&e.Chain, &e.Number, &e.Line, (*instant)(&e.Time), &e.ID, &upstream, &status, &failure, &developer, &service, &e.Object)
	e.Action, e.Outcome, e.Actor = tollgate.AuditedRequest, "answered", "developer:"+developer
	if developer == "" {
		e.Actor = "service:" + service
	}
	switch {
	case upstream == "" && status >= 400:
		e.Outcome = "refused"
	case status >= 400 || failure != "":
		e.Outcome = "failed"
	}
	return e, err
}

const selectEventEntry = `
	SELECT name, number, coalesce(line, ''), time, id, action, outcome, actor,
		coalesce((SELECT email FROM person WHERE person.id = object), (SELECT 'developer:' || email FROM person WHERE 'developer:' || person.id = object), object)
	FROM audit_event JOIN audit_chain USING (chain_id) LEFT JOIN audit_record ON place = (chain_id << 40) + number`

func scanEventEntry(row scanner) (e tollgate.AuditEntry, err error) {
	return e, row.Scan(&e.Chain, &e.Number, &e.Line, (*instant)(&e.Time), &e.ID, &e.Action, &e.Outcome, &e.Actor, &e.Object)
}
