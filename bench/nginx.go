package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// startNginx runs nginx as it is put in front of a streaming API: nothing
// buffered, connections kept alive on both sides, a worker for each core and a
// line in the log for each request. It is nil where nginx is not installed;
// the results say so.
func startNginx(ctx context.Context, _ options, f *field, _ string) (*contender, error) {
	binary, err := exec.LookPath("nginx")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(f.folder, "nginx.conf")
	if err := os.WriteFile(file, nginxConfiguration(addr, f.folder, f.direct.addr), 0o600); err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, binary, "-p", f.folder, "-e", "stderr", "-c", file)
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return nil, err
	}
	c := &contender{process: &process{command, addr}, name: nginxName, key: "bench"}
	if err := c.healthy(ctx, time.Now().Add(10*time.Second)); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

func nginxConfiguration(addr, folder, sink string) []byte {
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // the workers have to reach the folder
	}
	return fmt.Appendf(nil, `%sdaemon off;
pid nginx.pid;
worker_processes auto;
worker_rlimit_nofile 16384;
events { worker_connections 8192; }
http {
	access_log access.log combined;
	client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
	keepalive_requests 1000000000;
	upstream sink { server %s; keepalive 2048; keepalive_requests 1000000000; }
	server {
		listen %s;
		client_max_body_size 32m;
		location / {
			proxy_pass http://sink;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header X-Api-Key sk-ant-bench;
			proxy_set_header Authorization "";
			proxy_buffering off;
			proxy_request_buffering off;
			proxy_read_timeout 10m;
		}
	}
}
`, user, sink, addr)
}

// nginxVersion is what nginx says it is, "" where there is none.
func nginxVersion(ctx context.Context) string {
	said, err := exec.CommandContext(ctx, "nginx", "-v").CombinedOutput()
	if err != nil {
		return ""
	}
	_, version, _ := strings.Cut(strings.TrimSpace(string(said)), "nginx version: ")
	return version
}
