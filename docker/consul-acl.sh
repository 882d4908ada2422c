#!/bin/sh
# Run once by a job: gives the services' token its policy. Does nothing when it was done before.
set -eu

export CONSUL_HTTP_ADDR=consul-1:8500
CONSUL_HTTP_TOKEN=$(cat /run/secrets/consul.management)
export CONSUL_HTTP_TOKEN
accessor=$(cat /run/secrets/consul.accessor)
services=$(cat /run/secrets/consul.service)

# The leader makes its first tokens just after its election: until then it refuses.
until consul acl policy list >/dev/null 2>&1; do sleep 1; done

consul acl policy read -name shop-services >/dev/null 2>&1 ||
  consul acl policy create -name shop-services -rules @/etc/consul-services.hcl >/dev/null
consul acl token read -id "$accessor" >/dev/null 2>&1 ||
  consul acl token create -accessor "$accessor" -secret "$services" -policy-name shop-services -description "The services of the shop" >/dev/null

# Each server judges by its own copy: a follower that is behind would refuse the services.
for server in consul-1 consul-2 consul-3; do
  until CONSUL_HTTP_TOKEN=$services consul acl token read -self -http-addr "$server:8500" >/dev/null 2>&1; do sleep 1; done
done
echo "the services have their token"
