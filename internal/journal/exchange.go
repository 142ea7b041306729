package journal

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"tollgate"
)

// fields is how an exchange is written: protobuf's wire format without its
// messages, so that a reader passes over what a newer writer knows more. What
// is zero takes no room. A number is never given to another field again.
//
// Two fields stay out: Address is for the log alone, and of the principal only
// who it was is part of the record, not what it may do.
var fields = []field{
	text(1, func(x *tollgate.Exchange) *string { return &x.ID }),
	moment(2, func(x *tollgate.Exchange) *time.Time { return &x.Time }),

	text(3, func(x *tollgate.Exchange) *string { return &x.Key }),
	text(4, func(x *tollgate.Exchange) *string { return &x.Developer }),
	text(5, func(x *tollgate.Exchange) *string { return &x.Service }),
	text(6, func(x *tollgate.Exchange) *string { return &x.Team }),

	text(10, func(x *tollgate.Exchange) *string { return &x.Session }),
	text(11, func(x *tollgate.Exchange) *string { return &x.Agent }),
	text(12, func(x *tollgate.Exchange) *string { return &x.ParentAgent }),
	text(13, func(x *tollgate.Exchange) *string { return &x.RequestClass }),
	text(14, func(x *tollgate.Exchange) *string { return &x.Prompt }),
	text(15, func(x *tollgate.Exchange) *string { return &x.Client }),
	text(16, func(x *tollgate.Exchange) *string { return &x.Device }),
	text(17, func(x *tollgate.Exchange) *string { return &x.Account }),

	text(20, func(x *tollgate.Exchange) *string { return &x.Door }),
	text(21, func(x *tollgate.Exchange) *tollgate.Operation { return &x.Operation }),
	text(22, func(x *tollgate.Exchange) *string { return &x.Model }),
	text(23, func(x *tollgate.Exchange) *string { return &x.Upstream }),
	text(24, func(x *tollgate.Exchange) *string { return &x.UpstreamModel }),
	text(25, func(x *tollgate.Exchange) *string { return &x.ServedModel }),

	whole(30, func(x *tollgate.Exchange) *int { return &x.Status }),
	flag(31, func(x *tollgate.Exchange) *bool { return &x.Stream }),
	whole(32, func(x *tollgate.Exchange) *int64 { return &x.Usage.Input }),
	whole(33, func(x *tollgate.Exchange) *int64 { return &x.Usage.CacheWrite5m }),
	whole(34, func(x *tollgate.Exchange) *int64 { return &x.Usage.CacheWrite1h }),
	whole(35, func(x *tollgate.Exchange) *int64 { return &x.Usage.CacheRead }),
	whole(36, func(x *tollgate.Exchange) *int64 { return &x.Usage.Output }),
	whole(37, func(x *tollgate.Exchange) *int64 { return &x.Usage.WebSearches }),
	text(38, func(x *tollgate.Exchange) *string { return &x.Usage.Speed }),
	text(39, func(x *tollgate.Exchange) *string { return &x.Usage.Geo }),
	text(40, func(x *tollgate.Exchange) *string { return &x.Usage.ServiceTier }),
	whole(41, func(x *tollgate.Exchange) *tollgate.Money { return &x.Cost }),
	whole(42, func(x *tollgate.Exchange) *int64 { return &x.Thought }),
	flag(43, func(x *tollgate.Exchange) *bool { return &x.Estimated }),
	flag(44, func(x *tollgate.Exchange) *bool { return &x.Interrupted }),
	whole(45, func(x *tollgate.Exchange) *time.Duration { return &x.FirstByte }),
	whole(46, func(x *tollgate.Exchange) *time.Duration { return &x.Duration }),

	text(50, func(x *tollgate.Exchange) *string { return &x.StopReason }),
	text(51, func(x *tollgate.Exchange) *string { return &x.UpstreamRequestID }),
	text(52, func(x *tollgate.Exchange) *string { return &x.RequestDigest }),
	text(53, func(x *tollgate.Exchange) *string { return &x.ForwardedDigest }),
	text(54, func(x *tollgate.Exchange) *string { return &x.ResponseDigest }),
	whole(55, func(x *tollgate.Exchange) *int64 { return &x.RequestBytes }),
	whole(56, func(x *tollgate.Exchange) *int64 { return &x.ResponseBytes }),
	texts(57, func(x *tollgate.Exchange) *[]string { return &x.Splices }),
	text(58, func(x *tollgate.Exchange) *string { return &x.Error }),

	whole(59, func(x *tollgate.Exchange) *tollgate.Money { return &x.Held }),
	whole(60, func(x *tollgate.Exchange) *tollgate.Money { return &x.Most }),
	whole(61, func(x *tollgate.Exchange) *tollgate.Money { return &x.Likely }),

	text(62, func(x *tollgate.Exchange) *string { return &x.MovedFrom }),
	whole(63, func(x *tollgate.Exchange) *int64 { return &x.MovedTokens }),

	text(64, func(x *tollgate.Exchange) *tollgate.BodyFate { return &x.RequestBody }),
	text(65, func(x *tollgate.Exchange) *tollgate.BodyFate { return &x.ResponseBody }),

	text(66, func(x *tollgate.Exchange) *string { return &x.Credential }),
	text(67, func(x *tollgate.Exchange) *string { return &x.Project }),
}

// appendExchange appends x to b.
func appendExchange(b []byte, x *tollgate.Exchange) []byte {
	for i := range fields {
		b = fields[i].append(b, x)
	}
	return b
}

// readExchange is the inverse of appendExchange. Fields it does not know are
// passed over; the error says that b is no exchange.
func readExchange(b []byte) (*tollgate.Exchange, error) {
	x := new(tollgate.Exchange)
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
		if n = take(x, number, kind, b); n < 0 {
			return nil, protowire.ParseError(n)
		}
		b = b[n:]
	}
	return x, nil
}

// take puts one value into x and returns its length, which is negative when it
// has none.
func take(x *tollgate.Exchange, number protowire.Number, kind protowire.Type, b []byte) int {
	if known := byNumber[number&numberMask]; known != nil && known.number == number && known.kind == kind {
		return known.take(x, b)
	}
	return protowire.ConsumeFieldValue(number, kind, b)
}

// numberMask makes an index of a number; all numbers above are below it.
const numberMask = 1<<7 - 1

var byNumber = func() (index [numberMask + 1]*field) {
	for i := range fields {
		index[fields[i].number] = &fields[i]
	}
	return index
}()
