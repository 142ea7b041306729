package sink

import "google.golang.org/protobuf/encoding/protowire"

// rejectedRecords finds partial_success.rejected_log_records in an
// ExportLogsServiceResponse: field 1, and in it field 1. What is no such message
// rejects nothing.
func rejectedRecords(answer []byte) int64 {
	partial, kind := wireField(answer, 1)
	inside, n := protowire.ConsumeBytes(partial)
	if kind != protowire.BytesType || n < 0 {
		return 0
	}
	count, kind := wireField(inside, 1)
	rejected, n := protowire.ConsumeVarint(count)
	if kind != protowire.VarintType || n < 0 {
		return 0
	}
	return max(0, int64(rejected))
}

// wireField finds the first field of this number, or an invalid type.
func wireField(message []byte, number protowire.Number) (value []byte, kind protowire.Type) {
	for len(message) > 0 {
		found, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return nil, -1
		}
		if found == number {
			return message[n:], kind
		}
		skipped := protowire.ConsumeFieldValue(found, kind, message[n:])
		if skipped < 0 {
			return nil, -1
		}
		message = message[n+skipped:]
	}
	return nil, -1
}
