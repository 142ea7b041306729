package keyhelper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// given is a key as the gateway gives it.
type given struct {
	ID      string     `json:"id"`
	Key     string     `json:"key"`
	Expires *time.Time `json:"expires_at"`
}

// askPatience is how long the gateway may take.
const askPatience = 20 * time.Second

// ask puts a document to the gateway. The error is what the gateway says.
func (h *Helper) ask(ctx context.Context, gateway *url.URL, path, key string, document any) (got given, err error) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	body, err := json.Marshal(document)
	if err != nil {
		return got, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, gateway.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	request.Header.Set("Content-Type", "application/json")
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := h.Client.Do(request)
	if err != nil {
		return got, fmt.Errorf("the gateway at %s is not reached: %w", gateway.Host, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 64<<10))
	if err != nil {
		return got, err
	}
	if answer.StatusCode != http.StatusOK {
		return got, refusal(gateway, answer.StatusCode, text)
	}
	if err := json.Unmarshal(text, &got); err != nil || got.Key == "" {
		return got, fmt.Errorf("what answers at %s is no tollgate; check the address", gateway.Host)
	}
	return got, nil
}

func refusal(gateway *url.URL, status int, text []byte) error {
	var said struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &said) != nil || said.Error.Message == "" {
		return fmt.Errorf("what answers at %s is no tollgate: status %d; check the address", gateway.Host, status)
	}
	return fmt.Errorf("the gateway says: %s", said.Error.Message)
}
