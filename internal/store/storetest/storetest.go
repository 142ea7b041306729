// Package storetest is the battery of tests that every database behind
// internal/store has to pass. It knows only what store exports, and refuses to
// look into the database behind it.
package storetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"tollgate"
	"tollgate/internal/store"
)

// Open opens an empty store that is closed when the test ends.
type Open func(t *testing.T) *store.Store

// Run runs the battery, but for the tests that hold a promise: those are
// exported one by one, so that they stand under the promise's name.
func Run(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *store.Store){
		"Team":               testTeam,
		"Developer":          testDeveloper,
		"DeveloperComesBack": testDeveloperComesBack,
		"Service":            testService,
		"ServiceOutlives":    testServiceOutlivesItsTeam,
		"Key":                testKey,
		"KeyRefused":         testKeyRefused,
		"KeyFilter":          testKeyFilter,
		"UpdateKey":          testUpdateKey,
		"KeyStyle":           testKeyStyle,
		"TouchKeys":          testTouchKeys,
		"CatchUpUses":        testCatchUpUses,
		"TimeZone":           testTimeZone,
		"TimeZoneRefused":    testTimeZoneRefused,
		"CheckPepper":        testCheckPepper,
		"Budget":             testBudget,
		"BudgetSetAgain":     testBudgetSetAgain,
		"BudgetAlerts":       testBudgetAlerts,
		"BudgetRefused":      testBudgetRefused,
		"Raise":              testRaise,
		"RaiseRefused":       testRaiseRefused,
		"ChangeOfClocks":     testChangeOfClocks,
		"BudgetBook":         testBudgetBook,
		"Limit":              testLimit,
		"LimitSetAgain":      testLimitSetAgain,
		"LimitRefused":       testLimitRefused,
		"Request":            testRequest,
		"Pages":              testPages,
		"Span":               testSpan,
		"Between":            testRequestsBetween,
		"BetweenEnds":        testRequestsBetweenEnds,
		"SpentBetween":       testSpentBetween,
		"Filter":             testFilter,
		"FilterRefused":      testFilterRefused,
		"Calendar":           testCalendar,
		"UsageBy":            testUsageBy,
		"UsageOfNothing":     testUsageOfNothing,
		"UsageRefused":       testUsageRefused,
		"Alert":              testAlert,
		"AlertOrder":         testAlertOrder,
		"AlertsAllOrNothing": testAlertsAllOrNothing,
		"GiveUpAlerts":       testGiveUpAlerts,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// start is when everything in these tests begins: a Monday.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// exchange makes a request that arrived then.
func exchange(at time.Time) *tollgate.Exchange {
	return &tollgate.Exchange{ID: tollgate.NewRequestID(at), Time: at, Upstream: "anthropic", Status: 200}
}

// full makes a request in which every field that the ledger keeps is set, to a
// value that no other field has.
func full(at time.Time) *tollgate.Exchange {
	x := new(tollgate.Exchange)
	next := 0
	fill(reflect.ValueOf(x).Elem(), &next)
	x.ID, x.Time = tollgate.NewRequestID(at), at
	// What the ledger does not keep:
	x.Models, x.Style, x.Expires, x.Address, x.Held, x.Most, x.Likely, x.Timing, x.Failed, x.Trace = nil, "", time.Time{}, "", 0, 0, 0, tollgate.Timing{}, nil, tollgate.Trace{}
	return x
}

// fill sets everything inside value.
func fill(value reflect.Value, next *int) {
	*next++
	switch value.Kind() {
	case reflect.String:
		value.SetString(fmt.Sprintf("text %d äöü \x00 ' \" %%", *next))
	case reflect.Int, reflect.Int64:
		value.SetInt(int64(*next)<<32 + 7)
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 2, 2))
		for i := range 2 {
			fill(value.Index(i), next)
		}
	case reflect.Array: // a trace's ids are not kept
	case reflect.Struct:
		if value.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range value.NumField() {
			fill(value.Field(i), next)
		}
	default:
		panic("storetest: no value for a " + value.Type().String())
	}
}

// wantKind fails the test unless err is of this kind.
func wantKind(t *testing.T, err error, kind tollgate.Kind) {
	t.Helper()
	var known *tollgate.Error
	if !errors.As(err, &known) || known.Kind != kind {
		t.Errorf("error is %v, want kind %d", err, kind)
	}
}

// must fails the test when err is not nil.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want compares two values.
func want[T any](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("%s is\n%+v, want\n%+v", what, got, wanted)
	}
}
