package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// answerBound bounds the header of an answer and what is read of its body, in
// bytes.
const answerBound = 64 << 10

// newClient makes a client that follows no redirect, which would carry what is
// secret elsewhere.
func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        90 * time.Second,
			MaxResponseHeaderBytes: answerBound,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// newRequest is one that brings a body.
func newRequest(ctx context.Context, method, address, contentType string, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("its address cannot be asked") // which the cause repeats
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("User-Agent", "tollgate")
	return request, nil
}

// refusal is an answer that says no.
type refusal struct {
	status int
	answer []byte
}

func (r *refusal) Error() string { return fmt.Sprintf("it answered with status %d", r.status) }

// send wants a status of success, and returns the answer.
func send(client *http.Client, request *http.Request) ([]byte, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, tame(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerBound))
	if response.StatusCode/100 != 2 {
		return nil, &refusal{response.StatusCode, answer}
	}
	return answer, err
}

// tame makes of an error one whose text may be shown: without the address that
// package http repeats, on one line.
func tame(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return errors.New(oneLine(err.Error()))
}

// errorBound is the length of an error's text that is kept, in bytes.
const errorBound = 300

func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > errorBound {
		text = text[:errorBound] + "…"
	}
	return strings.ToValidUTF8(text, "")
}
