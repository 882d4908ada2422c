using Shop.Lab.Cluster.Model;
using Shop.Lab.Cluster.Probes;

namespace Shop.Lab.Cluster.Servers;

/// <summary>nginx in front of the gateways: the only address that clients know.</summary>
internal static class NginxServer
{
    public const string Name = "nginx";

    /// <summary>Where it connects from. Not 127.0.0.1, where clients come from that go to a gateway directly: those are not to be believed.</summary>
    public const string Source = "127.0.0.2";

    /// <param name="gateways">Who must be ready first; empty when somebody else starts the gateways.</param>
    public static ProcessSpec Create(ClusterDirectory directory, PortPlan ports, ClusterSessions sessions, IReadOnlyList<int> upstreams, IReadOnlyList<string> gateways, Binaries binaries) => new()
    {
        Name = Name,
        Part = ClusterParts.Nginx,
        Command = [binaries.Nginx, "-p", directory.Of(Name), "-c", "nginx.conf", "-e", "stderr"],
        Ports = [new PortUse("http", ports.Public), new PortUse("status", ports.NginxStatus)],
        Directory = directory.Of(Name),
        Files = [new ConfigFile("nginx.conf", Configuration(ports, sessions, upstreams))],
        DependsOn = gateways,
        Readiness = gateways.Count > 0
            ? new HttpProbe(new Uri($"http://127.0.0.1:{ports.Public}/health/ready"))
            : new HttpProbe(new Uri($"http://127.0.0.1:{ports.NginxStatus}/")),
    };

    // The time limits stand in an order: a gateway gives up on a service after 45 s, nginx on a gateway after 60 s; nginx closes an idle
    // connection after 1 s, a gateway that ends drains for 2 s and answers on each connection once more, Kestrel closes after 120 s: no request
    // meets an idle connection that is just being closed.
    // Where sessions are sticky, no other gateway knows the caller: its 401 would hide that the first may have carried the request out.
    private static string Configuration(PortPlan ports, ClusterSessions sessions, IReadOnlyList<int> upstreams) => $$"""
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log stderr warn;

        events {
            worker_connections 4096;
        }

        http {
            access_log off;
            server_tokens off;
            large_client_header_buffers 8 32k;      # more than the gateway takes: its own refusals are the API's
            client_max_body_size 0;
            client_header_timeout 10s;              # as long as the gateway gives its own clients
            client_body_timeout 10s;
            client_body_temp_path body_temp;
            proxy_temp_path proxy_temp;
            fastcgi_temp_path fastcgi_temp;
            uwsgi_temp_path uwsgi_temp;
            scgi_temp_path scgi_temp;

        {{Affinity(sessions)}}    upstream gateways {
                {{(sessions is ClusterSessions.Sticky ? "hash $shop_way consistent;" : "least_conn;")}}

                # max_fails=0: a refused connection costs nothing and moves on, but who is left out after some of them stays out for seconds, also
                # when it is back: with gateways restarted one after the other there would be none left.
        {{string.Concat(upstreams.Select(port => $"        server 127.0.0.1:{port} max_fails=0;\n"))}}
                keepalive 64;
                keepalive_timeout 1s;
            }

            server {
                listen 127.0.0.1:{{ports.Public}} backlog=4096;

                # For both locations below.
                proxy_http_version 1.1;
                proxy_bind {{Source}};
                proxy_set_header Connection "";
                proxy_set_header Host $http_host;

                # Replaced, not extended: what a client says about where it comes from is not passed on.
                proxy_set_header X-Forwarded-For $remote_addr;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header X-Forwarded-Host $http_host;
                proxy_set_header X-Forwarded-Prefix "";
                proxy_set_header X-Real-IP "";
                proxy_set_header Forwarded "";

                proxy_buffering off;            # event streams arrive as they are sent
                proxy_request_buffering off;
                proxy_connect_timeout 1s;
                proxy_send_timeout 30s;
                proxy_read_timeout 60s;
                proxy_next_upstream_tries 2;
                proxy_next_upstream_timeout 5s;

                error_page 502 503 504 = @away;
        {{(sessions is ClusterSessions.Sticky ? "        add_header Set-Cookie $shop_new_way always;\n" : "")}}
                # A POST that was sent is not sent again: without "non_idempotent" only a refused connection moves it on.
                location / {
                    proxy_pass http://gateways;   # no path here: the gateway judges the one that the client sent
                    proxy_next_upstream error timeout;
                }

                # But for those that may be: an order and a deposit have an Idempotency-Key, or are refused; a cancelled order is cancelled once.
                location ~ ^/api/v1/(orders|orders/[^/]+/cancel|wallet/deposits)$ {
                    proxy_pass http://gateways;
                    proxy_next_upstream error timeout{{(sessions is ClusterSessions.Sticky ? "" : " non_idempotent")}};
                }

                location @away {
                    internal;
                    default_type application/problem+json;
                    add_header Retry-After 1 always;
                    return 503 '{"type":"/problems/dependency-unavailable","title":"A part of the shop is away","status":503,"code":"dependency-unavailable","traceId":"$request_id"}';
                }
            }

            server {
                listen 127.0.0.1:{{ports.NginxStatus}};
                location / {
                    stub_status;
                }
            }
        }

        """;

    // A cookie of its own, and not the session's, which changes at each login, nor the address, behind which many may be. It says nothing but which
    // way to go: whoever makes one up chooses a gateway.
    private static string Affinity(ClusterSessions sessions) => sessions is not ClusterSessions.Sticky ? "" : """
            map $cookie_shop_way $shop_way {
                default $cookie_shop_way;
                ""      $request_id;
            }

            map $cookie_shop_way $shop_new_way {
                default "";
                ""      "shop_way=$request_id; Path=/; HttpOnly; SameSite=Lax";
            }


        """;
}
