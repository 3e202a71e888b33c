"""The configuration files. Both gateways are told the same: one worker, keep-alive to the origin, the forwarding
fields, an access log, no TLS tickets (each handshake is a full one)."""

import os
import pwd

REPOSITORY_RULES = "rules/starter.conf"


def origin(folder, port):
    return f"""
daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off; keepalive_requests 100000000; keepalive_timeout 600s; open_file_cache max=100;
    {temporary_paths(folder)}
    types {{ text/html html; text/css css; }}
    server {{
        listen 127.0.0.1:{port} reuseport; root {folder};
        location /assets/ {{ add_header Cache-Control "public, max-age=3600"; }}
        location / {{ rewrite ^ /index.html break; }}
    }}
}}
"""


def nginx(folder, plain, tls, origins, certificate, key, echo=9):
    servers = " ".join(f"server 127.0.0.1:{port};" for port in origins)
    user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
    return f"""
daemon off; worker_processes 1; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 16384; }}
http {{
    access_log {folder}/access.log combined buffer=32k flush=1s;
    keepalive_requests 100000000; keepalive_timeout 600s;
    {temporary_paths(folder)}
    proxy_cache_path {folder}/cache keys_zone=assets:8m;
    upstream origin {{ {servers} keepalive 256; keepalive_requests 100000000; }}
    server {{
        listen 127.0.0.1:{plain} backlog=4096;
        listen 127.0.0.1:{tls} ssl http2 backlog=4096; http2_max_requests 100000000;
        ssl_certificate {certificate}; ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off; ssl_session_tickets off;
        proxy_http_version 1.1;
        proxy_set_header Host $host; proxy_set_header Connection "";
        proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
        location = /fixed {{ default_type text/plain; return 200 "ok\\n"; }}
        location /echo {{
            proxy_pass http://127.0.0.1:{echo}; proxy_read_timeout 600s;
            proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "Upgrade";
        }}
        location /assets/ {{ proxy_pass http://origin; proxy_cache assets; proxy_cache_valid 200 1h; }}
        location / {{ proxy_pass http://origin; }}
    }}
}}
"""


def haproxy(plain, tls, origins, certificate):
    servers = "\n".join(f"    server s{port} 127.0.0.1:{port}" for port in origins)
    return f"""
global
    maxconn 9000
    nbthread 1
    tune.ssl.default-dh-param 2048
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s
    timeout http-keep-alive 60s
frontend edge
    bind 127.0.0.1:{plain}
    bind 127.0.0.1:{tls} ssl crt {certificate} alpn h2,http/1.1
    http-request return status 200 content-type text/plain string ok if {{ path /fixed }}
    default_backend origin
backend origin
{servers}
"""


def haniel_defaults(folder, plain, tls, origins, certificate, key, _echo=9):
    """Nothing but what has no default."""
    servers = ", ".join(f'"127.0.0.1:{port}"' for port in origins)
    return f"""
workers: 1
listeners:
  - address: "127.0.0.1:{plain}"
  - address: "127.0.0.1:{tls}"
    tls: true
tls:
  certificates:
    - certificate: "{certificate}"
      key: "{key}"
admin:
  address: off
upstreams:
  - name: origin
    servers: [{servers}]
routes:
  - paths: ["/fixed"]
    answer: {{status: 200, content_type: "text/plain", body: "ok\\n"}}
  - proxy: origin
log:
  access: "{folder}/haniel-access.log"
"""


def temporary_paths(folder):
    kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    return " ".join(f"{kind}_temp_path {folder}/{kind}_temp;" for kind in kinds)


def haniel(folder, plain, tls, origins, certificate, key, echo=9):
    servers = ", ".join(f'"127.0.0.1:{port}"' for port in origins)
    return f"""
workers: 1
listeners:
  - address: "127.0.0.1:{plain}"
  - address: "127.0.0.1:{tls}"
    tls: true
tls:
  certificates:
    - certificate: "{certificate}"
      key: "{key}"
  session_tickets: false
admin:
  address: off
limits:
  connections: 60000
  connections_per_client: 60000
  requests_per_connection: 100000000
timeouts:
  keep_alive: 600s
upstreams:
  - name: origin
    servers: [{servers}]
    balance: round_robin
    keep_alive: 256
    max_requests: 100000000
    timeouts:
      idle: 600s
  - name: echo
    servers: ["127.0.0.1:{echo}"]
rules:
  files: ["{folder}/rules.conf"]
  mode: block
  request_body: false
rate_limits:
  - name: bench
    rate: 1000000/s
sessions:
  store: upstream
  upstream: origin
routes:
  - paths: ["/fixed"]
    answer: {{status: 200, content_type: "text/plain", body: "ok\\n"}}
    limits: [bench]
  - paths: ["/echo"]
    proxy: echo
    limits: [bench]
  - paths: ["/assets/*"]
    proxy: origin
    cache: true
    limits: [bench]
  - paths: ["/*"]
    proxy: origin
    limits: [bench]
log:
  access: "{folder}/haniel-access.log"
"""
