package admin

import (
	"net/http"

	"tollgate"
	"tollgate/api"
)

// AuditSinks are those who are handed the audit log, and how far each has come.
func (s *Service) AuditSinks(caller Caller) ([]tollgate.AuditSink, error) {
	if err := s.authorize(caller, readSinks); err != nil {
		return nil, err
	}
	return s.fleet.AuditSinks(), nil
}

func (f *face) listAuditSinks(r *http.Request, caller Caller) (any, error) {
	if _, err := query(r); err != nil {
		return nil, err
	}
	sinks, err := f.service.AuditSinks(caller)
	return page(sinks, wireAuditSink), err
}

func wireAuditSink(s tollgate.AuditSink) api.AuditSink {
	return api.AuditSink{
		Name: s.Name, Kind: s.Kind, Waiting: s.Waiting, Oldest: moment(s.Oldest),
		Chain: optional(s.Chain), Number: optional(s.Number), Checkpoint: optional(s.Checkpoint), Delivered: moment(s.Delivered),
		Records: s.Records, Failures: s.Failures, FailingSince: moment(s.FailingSince), Error: optional(s.Error),
	}
}
