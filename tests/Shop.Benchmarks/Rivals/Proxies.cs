using Shop.Benchmarks.Frame;
using Shop.Lab.Cluster.Servers;

namespace Shop.Benchmarks.Rivals;

/// <summary>nginx and HAProxy in front of one backend, with connections that are kept on both sides, and no log.</summary>
internal static class Proxies
{
    public static async Task<Companion> NginxAsync(Workbench bench, int port, int to, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateDirectory(Path.Combine(bench.Options.Directory, "nginx")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(directory, "nginx.conf"),
            $$"""
            daemon off;
            worker_processes auto;
            pid nginx.pid;
            error_log stderr crit;
            events { worker_connections 4096; }
            http {
                access_log off;
                keepalive_requests 100000000;
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                upstream backend { server 127.0.0.1:{{to}}; keepalive 128; keepalive_requests 100000000; }
                server {
                    listen 127.0.0.1:{{port}} backlog=4096;
                    location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; }
                }
            }

            """,
            cancellationToken);
        return await StartAsync(bench, "nginx-alone", port, [new Binaries().Nginx, "-p", directory, "-c", "nginx.conf", "-e", "stderr"], cancellationToken);
    }

    /// <summary>Null where it is not installed.</summary>
    public static async Task<Companion?> HaProxyAsync(Workbench bench, int port, int to, CancellationToken cancellationToken)
    {
        var program = new Binaries().HaProxy;
        if (!File.Exists(program))
        {
            bench.Tell("haproxy is not installed, and is left out: tests/install-servers.sh --rivals installs it");
            return null;
        }

        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(bench.Options.Directory, "haproxy")).FullName, "haproxy.cfg");
        await File.WriteAllTextAsync(
            file,
            $"""
            global
                maxconn 8192
            defaults
                mode http
                timeout connect 2s
                timeout client 60s
                timeout server 60s
                option http-keep-alive
                http-reuse always
            frontend front
                bind 127.0.0.1:{port}
                default_backend back
            backend back
                server backend 127.0.0.1:{to}

            """,
            cancellationToken);
        return await StartAsync(bench, "haproxy", port, [program, "-db", "-f", file], cancellationToken);
    }

    private static async Task<Companion> StartAsync(Workbench bench, string name, int port, string[] command, CancellationToken cancellationToken)
    {
        var companion = bench.Start(name, command);
        await Ports.WaitAsync(name, port, cancellationToken);
        return companion;
    }
}
