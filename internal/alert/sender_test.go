package alert

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tollgate"
	"tollgate/internal/secret"
	"tollgate/internal/store"
)

// taker is a sink inside the process, for tests that turn the clock: a socket
// would let no time pass.
type taker struct {
	says chan error   // what is answered, one after the other; then nil
	got  chan Message // what has come, taken or not
}

func newTaker(says ...error) *taker {
	t := &taker{make(chan error, len(says)), make(chan Message, 1000)}
	for _, each := range says {
		t.says <- each
	}
	return t
}

// Deliver implements Sink.
func (t *taker) Deliver(ctx context.Context, message Message) error {
	t.got <- message
	select {
	case err := <-t.says:
		return err
	default:
		return nil
	}
}

// thresholds of what has come so far, in order.
func (t *taker) thresholds() (all []int) {
	for len(t.got) > 0 {
		all = append(all, (<-t.got).Alert.Threshold)
	}
	return all
}

// newSender tells these sinks of the usual thresholds.
func newSender(options Options, sinks ...named) *Sender {
	s := New(DefaultConfig(), options)
	s.plan.Store(&plan{DefaultConfig().thresholds(), sinks})
	return s
}

// inBubble runs a test whose clock a test turns, from start on, with a database.
func inBubble(t *testing.T, test func(t *testing.T, b *bench, db *store.Store)) {
	t.Helper()
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(start.Add(time.Hour))) // no time passes but in the bubble
		db, shut := openAt(t, folder)
		defer shut()
		test(t, newBench(), db)
	})
}

// pass lets time pass.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// TestPromise4_EachThresholdOnce is told: the highest when several are reached at one look, a
// lower one never after a higher one, none anew after a raise.
func TestPromise4_EachThresholdOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		sink := newTaker()
		defer begin(t, newSender(b.options(db, nil), named{"hook", sink}))()
		raised := func(dollars, limit float64) tollgate.BudgetState {
			s := state(dollars)
			s.Limit = tollgate.Money(limit * float64(tollgate.Dollar))
			return s
		}
		for _, step := range []struct {
			name  string
			state tollgate.BudgetState
			told  []int
		}{
			{"nothing", state(0), nil},
			{"a little", state(49.99), nil},
			{"the first", state(50), []int{50}},
			{"the same", state(51), nil},
			{"two at once", state(96), []int{95}},
			{"raised", raised(96, 1000), nil},
			{"the first again", raised(500, 1000), nil},
			{"the last", raised(1000, 1000), []int{100}},
			{"beyond it", raised(5000, 1000), nil},
			{"raised again", raised(5000, 10_000), nil},
			{"all again", raised(10_000, 10_000), nil},
		} {
			b.board.set(step.state)
			pass(lookEvery)
			if told := sink.thresholds(); !slices.Equal(told, step.told) {
				t.Errorf("%s: told %v, want %v", step.name, told, step.told)
			}
		}
		next := state(80)
		next.Start, next.Reset = next.Reset, next.Reset.AddDate(0, 0, 7)
		ann, bob := state(60), state(60)
		ann.Member.Kind, ann.Member.Name = tollgate.ScopeDeveloper, "ann"
		bob.Member.Kind, bob.Member.Name = tollgate.ScopeDeveloper, "bob"
		b.board.set(next, ann, bob)
		pass(lookEvery)
		if told := sink.thresholds(); len(told) != 3 {
			t.Errorf("in the next window, and of two members, told %v", told)
		}
		if delivered := b.tally.of("hook", Delivered); delivered != 6 {
			t.Errorf("counted %d deliveries", delivered)
		}
	})
}

// TestPromise4_NothingIsToldAgain by another process, nor by the same one after
// another configuration.
func TestPromise4_NothingIsToldAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		b.board.set(state(85))
		old, new := newTaker(), newTaker()
		end := begin(t, newSender(b.options(db, nil), named{"hook", old}))
		pass(lookEvery)
		end()
		s := newSender(b.options(db, nil), named{"hook", old})
		end = begin(t, s)
		defer end()
		pass(lookEvery)
		s.plan.Store(&plan{[]int{10, 70, 84}, []named{{"hook", old}, {"new", new}}})
		s.changed <- struct{}{}
		pass(lookEvery)
		if told := old.thresholds(); !slices.Equal(told, []int{80, 84}) {
			t.Errorf("told %v", told)
		}
		if told := new.thresholds(); !slices.Equal(told, []int{84}) {
			t.Errorf("whoever is new was told %v", told)
		}
	})
}

// TestRetries: the rests double to ten minutes, the message stays the same, the
// log says it once and then that it is over.
func TestRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		no := errors.New("no")
		sink := newTaker(slices.Repeat([]error{no}, 13)...)
		b.board.set(state(50))
		defer begin(t, newSender(b.options(db, nil), named{"hook", sink}))()
		synctest.Wait()
		first := <-sink.got
		for i, rest := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600} {
			rest := time.Duration(rest) * time.Second
			pass(rest - time.Millisecond)
			if len(sink.got) > 0 {
				t.Fatalf("attempt %d came early", i+2)
			}
			pass(time.Millisecond)
			again := <-sink.got
			if again.Alert.Attempts != i+1 || i > 0 && again.Alert.Error != "no" {
				t.Errorf("attempt %d knows of %d, %q", i+2, again.Alert.Attempts, again.Alert.Error)
			}
			if again.ID != first.ID || again.Text != first.Text || !again.At.Equal(first.At) || again.Title != first.Title {
				t.Errorf("attempt %d says %+v, the first %+v", i+2, again, first)
			}
		}
		pass(time.Hour)
		if len(sink.got) > 0 || b.tally.of("hook", Failed) != 13 || b.tally.of("hook", Delivered) != 1 {
			t.Errorf("%d more came; counted %v", len(sink.got), b.tally.counts)
		}
		if b.log.count("cannot be delivered") != 1 || b.log.count("delivered again") != 1 {
			t.Errorf("the log is\n%s", b.log.String())
		}
	})
}

// TestOneSinkDoesNotHoldUpAnother, nor one alert that a sink does not take the
// others for it.
func TestOneSinkDoesNotHoldUpAnother(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		hanging, picky, good := &hanger{}, &fussy{newTaker()}, newTaker()
		other := state(50)
		other.Budget.ID = "bgt_2"
		b.board.set(state(50))
		defer begin(t, newSender(b.options(db, nil), named{"hanging", hanging}, named{"picky", picky}, named{"good", good}))()
		synctest.Wait()
		if told := good.thresholds(); !slices.Equal(told, []int{50}) {
			t.Errorf("told %v at once", told)
		}
		pass(time.Hour) // the one that is not taken rests for long now
		picky.thresholds()
		b.board.set(state(50), other)
		pass(lookEvery)
		if first := <-picky.got; first.Alert.Budget != "bgt_2" {
			t.Errorf("it was told of %s first", first.Alert.Budget)
		}
		if told := good.thresholds(); !slices.Equal(told, []int{50}) {
			t.Errorf("told %v later", told)
		}
		if attempts := b.tally.of("hanging", Failed); attempts < 5 || attempts > 20 {
			t.Errorf("%d attempts failed within an hour at the one that hangs", attempts)
		}
	})
}

// hanger takes nothing and answers nothing.
type hanger struct{}

// Deliver implements Sink.
func (*hanger) Deliver(ctx context.Context, _ Message) error {
	<-ctx.Done()
	return ctx.Err()
}

// fussy does not take what is about bgt_1.
type fussy struct{ *taker }

// Deliver implements Sink.
func (f *fussy) Deliver(ctx context.Context, message Message) error {
	_ = f.taker.Deliver(ctx, message)
	if message.Alert.Budget == "bgt_1" {
		return errors.New("not that")
	}
	return nil
}

// TestGivenUp: what nobody takes is tried until a day after its window, and then
// logged, counted and over.
func TestGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		sink := &fussy{newTaker()}
		short := state(50)
		short.Reset = start.Add(2 * time.Hour)
		b.board.set(short)
		defer begin(t, newSender(b.options(db, nil), named{"hook", sink}))()
		pass(25*time.Hour - time.Minute) // the sender began an hour after the window
		if b.tally.of("hook", GivenUp) != 0 {
			t.Error("it was given up early")
		}
		for len(sink.got) > 0 {
			<-sink.got
		}
		pass(20 * time.Minute)
		if len(sink.got) == 0 {
			t.Error("it is not tried any more on the last day")
		}
		pass(2 * time.Hour)
		for len(sink.got) > 0 {
			<-sink.got
		}
		pass(3 * time.Hour)
		if b.tally.of("hook", GivenUp) != 1 || len(sink.got) > 0 {
			t.Errorf("counted %v, and %d more came", b.tally.counts, len(sink.got))
		}
		if b.log.count("is given up") != 1 || b.log.count("not that") < 2 {
			t.Errorf("the log is\n%s", b.log.String())
		}
	})
}

// TestTakenForSome counts as delivered, and is logged.
func TestTakenForSome(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		sink := newTaker(&partlyError{[]string{"ann@example.com: 550 gone"}})
		b.board.set(state(50))
		defer begin(t, newSender(b.options(db, nil), named{"mail", sink}))()
		pass(time.Hour)
		if len(sink.got) != 1 || b.tally.of("mail", Delivered) != 1 || b.log.count("ann@example.com: 550 gone") != 1 {
			t.Errorf("it came %d times; the log is\n%s", len(sink.got), b.log.String())
		}
	})
}

// failing is an outbox whose disk fails for a while.
type failing struct {
	*store.Store
	raise, next, note atomic.Bool
}

var errDisk = errors.New("the disk is full")

func (f *failing) RaiseAlerts(ctx context.Context, alerts []tollgate.Alert) error {
	if f.raise.Load() {
		return errDisk
	}
	return f.Store.RaiseAlerts(ctx, alerts)
}

func (f *failing) NextAlert(ctx context.Context, sink string) (tollgate.Alert, bool, error) {
	if f.next.Load() {
		return tollgate.Alert{}, false, errDisk
	}
	return f.Store.NextAlert(ctx, sink)
}

func (f *failing) NoteAlert(ctx context.Context, alert tollgate.Alert) error {
	if f.note.Load() {
		return errDisk
	}
	return f.Store.NoteAlert(ctx, alert)
}

// TestOutboxFails: nothing is told before it is stored, nothing twice because
// it could not be noted, and everything once when the disk is back.
func TestOutboxFails(t *testing.T) {
	for name, test := range map[string]struct {
		fail  func(f *failing, is bool)
		early int // messages while it fails
		says  string
	}{
		"raise": {func(f *failing, is bool) { f.raise.Store(is) }, 0, "cannot be put into the outbox"},
		"next":  {func(f *failing, is bool) { f.next.Store(is) }, 0, "the outbox cannot be read"},
		"note":  {func(f *failing, is bool) { f.note.Store(is) }, 1, "the outbox cannot be written"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
				outbox, sink := &failing{Store: db}, newTaker()
				test.fail(outbox, true)
				b.board.set(state(50))
				defer begin(t, newSender(b.options(outbox, nil), named{"hook", sink}))()
				pass(time.Hour + time.Second)
				if len(sink.got) != test.early {
					t.Errorf("while it failed, %d were told", len(sink.got))
				}
				test.fail(outbox, false)
				pass(time.Hour)
				if len(sink.got) != 1 || b.log.count(test.says) != 1 || b.log.count("again") < 1 {
					t.Errorf("%d were told; the log is\n%s", len(sink.got), b.log.String())
				}
				if _, waits, err := db.NextAlert(t.Context(), "hook"); waits || err != nil {
					t.Errorf("it waits still: %v", err)
				}
			})
		})
	}
}

// TestAnAttemptMayEnd when the sender is to end: cutting it off could make it
// arrive twice. One that does not end soon is cut off, and is no failure.
func TestAnAttemptMayEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench, db *store.Store) {
		slow := &slowly{lastWords / 2, make(chan struct{})}
		b.board.set(state(50))
		end := begin(t, newSender(b.options(db, nil), named{"hook", slow}))
		<-slow.begun
		end()
		if _, waits, err := db.NextAlert(t.Context(), "hook"); waits || err != nil {
			t.Errorf("what arrived waits still: %v", err)
		}
		b.board.set(state(80))
		slow = &slowly{2 * lastWords, make(chan struct{})}
		end = begin(t, newSender(b.options(db, nil), named{"hook", slow}))
		<-slow.begun
		since := time.Now()
		end()
		if took := time.Since(since); took != lastWords { // of the bubble's clock
			t.Errorf("it took %s to end", took)
		}
		if alert, waits, err := db.NextAlert(t.Context(), "hook"); !waits || err != nil || alert.Attempts != 0 {
			t.Errorf("what was cut off is %+v, %v, %v", alert, waits, err)
		}
		if b.log.count("cannot be delivered") > 0 {
			t.Errorf("the log is\n%s", b.log.String())
		}
	})
}

// slowly takes everything after a while.
type slowly struct {
	after time.Duration
	begun chan struct{}
}

// Deliver implements Sink.
func (s *slowly) Deliver(ctx context.Context, _ Message) error {
	close(s.begun)
	select {
	case <-time.After(s.after):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestPromise4_AlertsSurviveARestart, over real sockets and files: what was
// raised while every sink was down is told once to each by the next process,
// under the ids of the first one's attempts; the one after that tells nothing.
func TestPromise4_AlertsSurviveARestart(t *testing.T) {
	folder := t.TempDir()
	hook, hooked := recording(500)
	server, roots := trusted(t, hook)
	chat, chatted := recording(503)
	chatURL := plain(t, chat)
	mailbox := mailServer{noTLS: true, answers: map[string]string{"MAIL": "451 later"}}
	mailbox.start(t)
	c := DefaultConfig()
	c.Webhooks = []Webhook{{Name: "hook", URL: secret.New(server.URL + "/" + canary), Secret: secret.New(canary)}}
	c.Slack = []Slack{{Name: "chat", URL: secret.New(chatURL + "/" + canary)}}
	c.Mail = []Mail{mailConfig(&mailbox, Plain)}

	b := newBench()
	b.board.set(state(100))
	db, shut := openAt(t, folder)
	end := begin(t, New(c, b.options(db, roots)))
	refused := receive(t, hooked, "the first attempt")
	receive(t, chatted, "the first attempt at the chat")
	b.tally.wait(Failed, "hook", "chat", "mail")
	end()
	shut()
	b.board.set() // nobody finds it a second time

	again := mailServer{noTLS: true}
	again.start(t)
	c.Mail[0].Server = again.address
	db, shut = openAt(t, folder)
	end = begin(t, New(c, b.options(db, roots)))
	got := receive(t, hooked, "the webhook")
	genuine(t, got, []byte(canary))
	if got.header.Get("webhook-id") != refused.header.Get("webhook-id") || string(got.body) != string(refused.body) {
		t.Errorf("the second attempt is %v %s, the first was %v %s", got.header, got.body, refused.header, refused.body)
	}
	if got := receive(t, chatted, "the chat"); !strings.Contains(string(got.body), "team core has spent 100 % of its weekly budget: $100.00 of $100.00") {
		t.Errorf("the chat got %s", got.body)
	}
	if _, text := receive(t, again.letters, "the mail").read(t); !strings.Contains(text, "team core has spent 100 %") {
		t.Errorf("the mail says %s", text)
	}
	b.tally.wait(Delivered, "hook", "chat", "mail")
	end()
	shut()

	b.board.set(state(100))
	db, _ = openAt(t, folder)
	s := New(c, b.options(db, roots))
	end = begin(t, s)
	for _, sink := range []string{"hook", "chat", "mail"} {
		if _, waits, err := db.NextAlert(t.Context(), sink); waits || err != nil {
			t.Errorf("%s waits, %v", sink, err)
		}
	}
	end()
	if len(hooked)+len(chatted)+len(again.letters) > 0 {
		t.Error("somebody was told twice")
	}
	if log := b.log.String(); strings.Contains(log, canary) || !strings.Contains(log, "was delivered") {
		t.Errorf("the log is\n%s", log)
	}
}

func TestTestAlerts(t *testing.T) {
	handler, requests := recording()
	server, roots := trusted(t, handler)
	refusing := plain(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	mailbox := mailServer{noTLS: true}
	mailbox.start(t)
	c := DefaultConfig()
	c.Webhooks = []Webhook{{Name: "hook", URL: secret.New(server.URL), Secret: secret.New(canary)}}
	c.Slack = []Slack{{Name: "chat", URL: secret.New(refusing + "/" + canary)}}
	c.Mail = []Mail{mailConfig(&mailbox, Plain)}
	b := newBench()
	s := New(c, b.options(nil, roots))
	want := []tollgate.AlertTest{{Sink: "hook"}, {Sink: "chat", Error: "it answered with status 404"}, {Sink: "mail"}}
	if got := s.TestAlerts(t.Context()); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := receive(t, requests, "the webhook"); !strings.Contains(string(got.body), `"type":"test"`) || !strings.Contains(string(got.body), "under the name hook") {
		t.Errorf("%s", got.body)
	}
	if _, text := receive(t, mailbox.letters, "the mail").read(t); !strings.Contains(text, "This is a trial.") {
		t.Errorf("%s", text)
	}
	s.Configure(DefaultConfig())
	if got := s.TestAlerts(t.Context()); len(got) != 0 {
		t.Errorf("nobody is configured, and there is %+v", got)
	}
}
