package store

import (
	"context"
	"database/sql"
	"strings"

	"tollgate"
)

// profile is what a request has in common with the others of its session: who
// asks, with what, for what, and who serves it. Every column is one field, in
// this order.
type profile struct {
	key, developer, service, team                                string
	session, agent, parentAgent, requestClass                    string
	client, device, account                                      string
	door, operation, model, upstream, upstreamModel, servedModel string
	stream                                                       bool
	speed, geo, serviceTier                                      string
	credential, project                                          string
}

const profileColumns = `key, developer, service, team,
	session, agent, parent_agent, request_class,
	client, device, account,
	door, operation, model, upstream, upstream_model, served_model,
	stream,
	speed, geo, service_tier,
	credential, project`

var insertProfile = "INSERT INTO profile (" + profileColumns + ") VALUES (" + placeholders(strings.Count(profileColumns, ",")+1) + ") RETURNING profile_id"

func profileOf(x *tollgate.Exchange) profile {
	return profile{
		x.Key, x.Developer, x.Service, x.Team,
		x.Session, x.Agent, x.ParentAgent, x.RequestClass,
		x.Client, x.Device, x.Account,
		x.Door, string(x.Operation), x.Model, x.Upstream, x.UpstreamModel, x.ServedModel,
		x.Stream,
		x.Usage.Speed, x.Usage.Geo, x.Usage.ServiceTier,
		x.Credential, x.Project,
	}
}

func (p *profile) values() []any {
	return []any{
		p.key, p.developer, p.service, p.team,
		p.session, p.agent, p.parentAgent, p.requestClass,
		p.client, p.device, p.account,
		p.door, p.operation, p.model, p.upstream, p.upstreamModel, p.servedModel,
		bit(p.stream),
		p.speed, p.geo, p.serviceTier,
		p.credential, p.project,
	}
}

// give is the inverse of profileOf.
func (p *profile) give(x *tollgate.Exchange) {
	x.Key, x.Developer, x.Service, x.Team = p.key, p.developer, p.service, p.team
	x.Session, x.Agent, x.ParentAgent, x.RequestClass = p.session, p.agent, p.parentAgent, p.requestClass
	x.Client, x.Device, x.Account = p.client, p.device, p.account
	x.Door, x.Operation, x.Model, x.Upstream, x.UpstreamModel, x.ServedModel = p.door, tollgate.Operation(p.operation), p.model, p.upstream, p.upstreamModel, p.servedModel
	x.Stream = p.stream
	x.Usage.Speed, x.Usage.Geo, x.Usage.ServiceTier = p.speed, p.geo, p.serviceTier
	x.Credential, x.Project = p.credential, p.project
}

// profileFields are the places in x that a profile is scanned into.
func profileFields(x *tollgate.Exchange) []any {
	return []any{
		&x.Key, &x.Developer, &x.Service, &x.Team,
		&x.Session, &x.Agent, &x.ParentAgent, &x.RequestClass,
		&x.Client, &x.Device, &x.Account,
		&x.Door, &x.Operation, &x.Model, &x.Upstream, &x.UpstreamModel, &x.ServedModel,
		&x.Stream,
		&x.Usage.Speed, &x.Usage.Geo, &x.Usage.ServiceTier,
		&x.Credential, &x.Project,
	}
}

// profilesKept bounds the memory of the ids, at about 1 KB each.
const profilesKept = 4096

// profiles remembers the ids of profiles that are in the database. It belongs
// to whoever has the writing connection. Forgetting one costs a second row that
// says the same, and nothing else.
type profiles struct {
	ids   map[profile]int64
	fresh []profile // inserted by the transaction that runs
}

// id returns the profile's id and inserts the profile when it is not known.
func (p *profiles) id(ctx context.Context, tx *sql.Tx, of profile) (int64, error) {
	if id, known := p.ids[of]; known {
		return id, nil
	}
	var id int64
	if err := tx.QueryRowContext(ctx, insertProfile, of.values()...).Scan(&id); err != nil {
		return 0, err
	}
	if len(p.ids) >= profilesKept {
		clear(p.ids)
	}
	if p.ids == nil {
		p.ids = map[profile]int64{}
	}
	p.ids[of] = id
	p.fresh = append(p.fresh, of)
	return id, nil
}

// settle ends a transaction: what it inserted is forgotten unless it is known
// to be committed.
func (p *profiles) settle(committed bool) {
	if !committed {
		for _, of := range p.fresh {
			delete(p.ids, of)
		}
	}
	p.fresh = p.fresh[:0]
}
