package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// checkConnection resolves the name and makes a connection, TLS and all.
func checkConnection(v *visit, ctx context.Context) {
	answer, err := v.ask(ctx, question{path: "/", bare: true})
	if err == nil {
		v.report("connection", OK, fmt.Sprintf("%s answers, in %s", v.URL.Host, answer.took.Round(time.Millisecond)), "")
		return
	}
	says, remedy := explain(v.URL, err)
	v.down = "there is no connection"
	if isCertificate(err) {
		v.report("connection", OK, v.URL.Host+" is there", "")
		v.report("tls", Failed, says, remedy)
		return
	}
	v.report("connection", Failed, says, remedy)
}

// explain says what a network's error means.
func explain(to *url.URL, err error) (says, remedy string) {
	var name *net.DNSError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &name):
		return "the name " + to.Hostname() + " cannot be resolved", "check the address, and whether this machine needs a VPN to see it"
	case errors.As(err, &unknown):
		return "the certificate is signed by an authority that this machine does not trust", "have the organisation's CA file set as NODE_EXTRA_CA_CERTS: Claude Code's runtime does not always read the system's store"
	case errors.As(err, &host):
		return "the certificate is for another name than " + to.Hostname(), "use the name in the certificate as the address, or have one made for this name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate has expired, or is not valid yet by this machine's clock", "renew the certificate, or set the clock"
	case errors.As(err, &invalid):
		return "the certificate is not valid: " + invalid.Error(), "have another one made"
	case errors.As(err, &plain), strings.Contains(err.Error(), "server gave HTTP response"):
		return "the address says https, and what answers there speaks plain HTTP", "write http:// in the address if that is meant, or set up TLS there"
	case errors.Is(err, context.DeadlineExceeded):
		return "there was no answer in time", "check the address and the firewalls between"
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return "nothing takes connections at " + to.Host, "check the address and the port, whether the gateway runs, and the firewalls between"
	}
	return "the connection breaks before there is an answer (" + plainly(err) + ")", "look for what cuts it between this machine and the gateway"
}

func plainly(err error) string {
	var from *url.Error
	if errors.As(err, &from) {
		err = from.Err
	}
	return err.Error()
}

func isCertificate(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// soon is how long before its end a certificate is warned of.
const soon = 14 * 24 * time.Hour

func checkTLS(v *visit, ctx context.Context) {
	if v.URL.Scheme != "https" {
		if address := net.ParseIP(v.URL.Hostname()); address.IsLoopback() || v.URL.Hostname() == "localhost" {
			v.report("tls", OK, "none is needed on this machine itself", "")
			return
		}
		v.report("tls", Warning, "the key and every prompt cross the network in clear text", "give the gateway a certificate and write https:// in the address")
		return
	}
	answer, err := v.ask(ctx, question{path: "/", bare: true})
	if err != nil || answer.TLS == nil || len(answer.TLS.PeerCertificates) == 0 {
		v.report("tls", Failed, "the certificate could not be looked at a second time", "try again")
		return
	}
	ends := answer.TLS.PeerCertificates[0].NotAfter
	if ends.Sub(v.Now()) < soon {
		v.report("tls", Warning, "the certificate ends on "+ends.UTC().Format(time.DateOnly), "renew it before")
		return
	}
	v.report("tls", OK, "the certificate is trusted, until "+ends.UTC().Format(time.DateOnly), "")
}

// checkRedirect asks for what the client asks for: it follows no redirect where it
// lists models, and elsewhere a POST would become a GET on the way.
func checkRedirect(v *visit, ctx context.Context) {
	for _, path := range []string{"/v1/models?limit=1", "/v1/messages"} {
		answer, err := v.ask(ctx, question{path: path, bare: true})
		if err != nil {
			says, remedy := explain(v.URL, err)
			v.report("redirect", Failed, says, remedy)
			return
		}
		if answer.StatusCode >= 300 && answer.StatusCode < 400 {
			v.down = "requests are sent elsewhere"
			v.report("redirect", Failed, fmt.Sprintf("requests are redirected to %s", quoted(answer.Header.Get("Location"))), "use that address if it is the gateway's; otherwise have the gateway's address taken out of the portal, proxy or balancer that redirects it")
			return
		}
	}
	v.report("redirect", OK, "nothing is redirected", "")
}

// checkGateway finds out what answers.
func checkGateway(v *visit, ctx context.Context) {
	answer, err := v.ask(ctx, question{path: "/tollgate", bare: true})
	if err != nil {
		says, remedy := explain(v.URL, err)
		v.report("gateway", Failed, says, remedy)
		return
	}
	if v.tollgate = answer.StatusCode == http.StatusOK && strings.Contains(string(answer.body), `"product":"tollgate"`); v.tollgate {
		v.report("gateway", OK, "it is a tollgate", "")
		return
	}
	if answer.StatusCode < 300 && answer.isPage() {
		v.down = "something else answers in the gateway's place"
		v.report("gateway", Failed, "what answers is "+answer.title()+", and no gateway", "sign in where the network asks for it, or correct the address")
		return
	}
	v.report("gateway", OK, "it is another product, or an old tollgate: what only a new one can be asked for is left out", "")
}

func checkProtocol(v *visit, ctx context.Context) {
	answer, err := v.ask(ctx, question{path: "/v1/models?limit=1"})
	if err != nil {
		says, remedy := explain(v.URL, err)
		v.report("protocol", Failed, says, remedy)
		return
	}
	if answer.ProtoMajor == 1 && answer.ProtoMinor == 0 {
		v.report("protocol", Failed, "something on the way speaks HTTP/1.0, in which answers cannot be streamed and connections not be kept", "have the proxy in between speak HTTP/1.1 to both sides (nginx: proxy_http_version 1.1)")
		return
	}
	v.report("protocol", OK, answer.Proto, "")
}

// drift is how far clocks may be apart.
const drift = time.Minute

func checkClock(v *visit, ctx context.Context) {
	answer, err := v.ask(ctx, question{path: "/healthz", bare: true})
	if err != nil {
		v.report("clock", Skipped, "there was no answer", "")
		return
	}
	there, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		v.report("clock", Skipped, "the gateway does not say what time it is", "")
		return
	}
	apart := v.Now().Sub(there)
	if apart.Abs() > drift {
		v.report("clock", Warning, fmt.Sprintf("the clocks of this machine and of the gateway are %s apart", apart.Abs().Round(time.Second)), "set this machine's clock by the network: keys and certificates end by it")
		return
	}
	v.report("clock", OK, "it agrees with the gateway's", "")
}
