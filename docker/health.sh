#!/bin/bash
# Healthy when GET /health/ready on port 8080 says 200. By bash alone: the images of .NET and nginx have no curl in common, and an application that
# checks itself would start a second .NET runtime every few seconds.
exec 3<>/dev/tcp/127.0.0.1/8080
printf 'GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
