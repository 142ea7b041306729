package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tollgate"
)

func (f *face) listRequests(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "since", "until", "time_zone", "where", "limit", "cursor")
	if err != nil {
		return nil, err
	}
	wanted := RequestQuestion{Span: span(values), Cursor: values.Get("cursor")}
	err = firstError(
		func() (err error) { wanted.Where, err = where(values["where"]); return err },
		func() (err error) { wanted.Limit, err = limit(values.Get("limit")); return err },
	)
	if err != nil {
		return nil, err
	}
	answer, err := f.service.Requests(r.Context(), caller, wanted)
	return wireRequests(answer), err
}

func (f *face) showRequest(r *http.Request, caller Caller) (any, error) {
	row, err := f.service.Request(r.Context(), caller, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return wireRequest(row), nil
}

func (f *face) usage(r *http.Request, caller Caller) (any, error) {
	values, err := query(r, "by", "since", "until", "time_zone", "where")
	if err != nil {
		return nil, err
	}
	question := UsageQuestion{Span: span(values), By: attributes(values["by"])}
	if question.Where, err = where(values["where"]); err != nil {
		return nil, err
	}
	report, err := f.service.Usage(r.Context(), caller, question)
	return wireUsage(report), err
}

func span(values url.Values) Span {
	return Span{Since: values.Get("since"), Until: values.Get("until"), TimeZone: values.Get("time_zone")}
}

// attributes reads by=a,b and by=a&by=b alike.
func attributes(texts []string) []string {
	return strings.FieldsFunc(strings.Join(texts, ","), func(r rune) bool { return r == ',' || r == ' ' })
}

// where reads conditions such as developer=ada@example.com. Several for one
// attribute mean any of them.
func where(conditions []string) (map[string][]string, error) {
	all := map[string][]string{}
	for _, condition := range conditions {
		name, value, found := strings.Cut(condition, "=")
		if !found || name == "" {
			return nil, tollgate.Errorf(tollgate.Invalid, "%q is not a condition; write for example developer=ada@example.com", condition)
		}
		all[name] = append(all[name], value)
	}
	return all, nil
}

// limit is 0 when nobody said.
func limit(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	rows, err := strconv.Atoi(text)
	if err != nil || rows == 0 {
		return 0, tollgate.Errorf(tollgate.Invalid, "limit is a number of rows from 1 to %d, not %q", maxPage, text)
	}
	return rows, nil
}
