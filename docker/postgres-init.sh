#!/bin/bash
# Run by the image when its volume is empty: a database and a user for each service; no user can open another one's database.
set -euo pipefail

for service in ordering inventory payments; do
  # Hexadecimal: nothing in it ends a literal.
  password=$(<"/run/secrets/$service.database-password")
  psql --username postgres --dbname postgres --set ON_ERROR_STOP=1 --quiet <<SQL
CREATE ROLE $service LOGIN PASSWORD '$password';
CREATE DATABASE $service OWNER $service;
REVOKE ALL ON DATABASE $service FROM PUBLIC;
SQL
done
