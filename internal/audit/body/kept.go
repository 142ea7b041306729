package body

import (
	"tollgate"
)

// Kept is what is kept of one request. It belongs to the goroutine that serves
// it.
type Kept struct {
	vault   *Vault
	set     *setting
	who     tollgate.Principal
	id      string
	request sheet
	answer  sheet
	ended   bool
}

// job is a body that was handed in.
type job struct {
	*sheet
	*Kept
}

// Begin copies the body of a request and hands it in; nil where bodies are not
// kept. It never waits. x says from then on what became of it.
func (v *Vault) Begin(x *tollgate.Exchange, text []byte) *Kept {
	set := v.set.Load()
	if !set.keep {
		return nil
	}
	k := &Kept{vault: v, set: set, who: x.Principal, id: x.ID}
	k.request.part, k.answer.part = tollgate.RequestPart, tollgate.ResponsePart
	k.request.digest = x.RequestDigest
	k.request.write(v, set, text)
	x.RequestBody = v.take(k, &k.request)
	return k
}

// Answer says that an answer begins. One that comes in frames is kept in the form of
// the Messages API, and one that is compressed is not kept.
func (k *Kept) Answer(framed, compressed bool) {
	k.answer.begun = true
	if framed {
		k.answer.form = "messages"
	}
	if compressed {
		k.answer.drop(k.vault, tollgate.BodyOpaque)
	}
}

// Write copies what was said in answer. It never waits and never fails.
func (k *Kept) Write(p []byte) { k.answer.write(k.vault, k.set, p) }

// End hands the answer in and says in x what became of both bodies. Calling it
// again does nothing.
func (k *Kept) End(x *tollgate.Exchange) {
	if k.ended {
		return
	}
	k.ended = true
	if k.request.outcome.CompareAndSwap(nil, &recorded) {
		x.RequestBody = k.request.told()
	} else {
		x.RequestBody = *k.request.outcome.Load()
	}
	if !k.answer.begun {
		return
	}
	k.answer.outcome.Store(&recorded)
	k.answer.digest = x.ResponseDigest
	x.ResponseBody = k.vault.take(k, &k.answer)
}

// told is what is known of a body whose storing has not failed.
func (s *sheet) told() tollgate.BodyFate {
	if s.fate != "" {
		return s.fate
	}
	return tollgate.BodySealed
}
