package main

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

// reverseProxy is what the gateway is compared with: all that Go's standard
// library needs to put something between a client and a provider, with the
// connection limits raised as anybody would.
func reverseProxy(sink string) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = 2048
	transport.DisableCompression = true
	provider := &url.URL{Scheme: "http", Host: sink}
	proxy := &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(provider)
			r.Out.Header.Set("X-Api-Key", "sk-ant-bench")
			r.Out.Header.Del("Authorization")
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Without this the server closes the request's body as soon as an answer
		// begins, while the transport may still be looking for the body's end:
		// it then takes the answer down with it, about once in a few thousand
		// streams (measured here on 2026-11-23, Go 1.26.8).
		http.NewResponseController(w).EnableFullDuplex()
		proxy.ServeHTTP(w, r)
	})
}

// serve answers on a free port, whose address it prints, until it is ended.
func serve(handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	os.Stdout.WriteString(listener.Addr().String() + "\n")
	return http.Serve(listener, handler)
}
