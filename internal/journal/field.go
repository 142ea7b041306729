package journal

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"tollgate"
)

// field is one member of an exchange on the wire.
type field struct {
	number protowire.Number
	kind   protowire.Type
	append func([]byte, *tollgate.Exchange) []byte
	take   func(*tollgate.Exchange, []byte) int
}

func text[T ~string](number protowire.Number, at func(*tollgate.Exchange) *T) field {
	return field{
		number: number, kind: protowire.BytesType,
		append: func(b []byte, x *tollgate.Exchange) []byte {
			value := *at(x)
			if value == "" {
				return b
			}
			return protowire.AppendString(protowire.AppendTag(b, number, protowire.BytesType), string(value))
		},
		take: func(x *tollgate.Exchange, b []byte) int {
			value, n := protowire.ConsumeString(b)
			*at(x) = T(value)
			return n
		},
	}
}

func texts(number protowire.Number, at func(*tollgate.Exchange) *[]string) field {
	return field{
		number: number, kind: protowire.BytesType,
		append: func(b []byte, x *tollgate.Exchange) []byte {
			for _, value := range *at(x) {
				b = protowire.AppendString(protowire.AppendTag(b, number, protowire.BytesType), value)
			}
			return b
		},
		take: func(x *tollgate.Exchange, b []byte) int {
			value, n := protowire.ConsumeString(b)
			if n >= 0 {
				*at(x) = append(*at(x), value)
			}
			return n
		},
	}
}

// number is a field of any value that fits 64 bits; negative ones are short too.
func number(number protowire.Number, get func(*tollgate.Exchange) int64, set func(*tollgate.Exchange, int64)) field {
	return field{
		number: number, kind: protowire.VarintType,
		append: func(b []byte, x *tollgate.Exchange) []byte {
			value := get(x)
			if value == 0 {
				return b
			}
			return protowire.AppendVarint(protowire.AppendTag(b, number, protowire.VarintType), protowire.EncodeZigZag(value))
		},
		take: func(x *tollgate.Exchange, b []byte) int {
			value, n := protowire.ConsumeVarint(b)
			set(x, protowire.DecodeZigZag(value))
			return n
		},
	}
}

func whole[T ~int | ~int64](n protowire.Number, at func(*tollgate.Exchange) *T) field {
	return number(n,
		func(x *tollgate.Exchange) int64 { return int64(*at(x)) },
		func(x *tollgate.Exchange, value int64) { *at(x) = T(value) })
}

func flag(n protowire.Number, at func(*tollgate.Exchange) *bool) field {
	return number(n,
		func(x *tollgate.Exchange) int64 {
			if *at(x) {
				return 1
			}
			return 0
		},
		func(x *tollgate.Exchange, value int64) { *at(x) = value != 0 })
}

// moment keeps a time to the microsecond, as the ledger does.
func moment(n protowire.Number, at func(*tollgate.Exchange) *time.Time) field {
	return number(n,
		func(x *tollgate.Exchange) int64 {
			if at(x).IsZero() {
				return 0
			}
			return at(x).UnixMicro()
		},
		func(x *tollgate.Exchange, value int64) {
			*at(x) = time.Time{}
			if value != 0 {
				*at(x) = time.UnixMicro(value).UTC()
			}
		})
}
