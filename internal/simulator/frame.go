package simulator

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
)

// A frame is one message of an AWS event stream. Source: providers.md 2.4,
// 2026-11-23.

// frame writes a message with headers, which are names and values in turn.
func frame(payload []byte, headers ...string) []byte {
	var head []byte
	for i := 0; i < len(headers); i += 2 {
		head = append(append(head, byte(len(headers[i]))), headers[i]...)
		head = append(head, 7) // a text follows
		head = binary.BigEndian.AppendUint16(head, uint16(len(headers[i+1])))
		head = append(head, headers[i+1]...)
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(12+len(head)+len(payload)+4))
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)))
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
	out = append(append(out, head...), payload...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out))
}

// padding hides how long an event is, as the provider's does.
const padding = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// encodeFrame writes an event as a chunk, and an error as the exception that it
// comes to.
func encodeFrame(one event) []byte {
	if one.name == "error" {
		return encodeException(one.data.get("error").(object))
	}
	data := mustJSON(one.data)
	payload := mustJSON(object{"bytes", base64.StdEncoding.EncodeToString(data), "p", padding[:1+len(data)%len(padding)]})
	return frame(payload, ":event-type", "chunk", ":content-type", "application/json", ":message-type", "event")
}

// exceptions are what errors of the Messages API are called inside an event
// stream. Source: providers.md 2.4, 2026-11-23.
var exceptions = map[string]string{
	"api_error":             "internalServerException",
	"overloaded_error":      "serviceUnavailableException",
	"rate_limit_error":      "throttlingException",
	"timeout_error":         "modelTimeoutException",
	"invalid_request_error": "validationException",
}

func encodeException(said object) []byte {
	kind, _ := said.get("type").(string)
	if name, ok := exceptions[kind]; ok {
		kind = name
	}
	payload := object{"message", said.get("message")}
	if kind == "modelStreamErrorException" {
		payload = append(payload, "originalStatusCode", 500, "originalMessage", "Simulated, in "+roleARN)
	}
	return frame(mustJSON(payload), ":exception-type", kind, ":content-type", "application/json", ":message-type", "exception")
}
