#!/bin/sh
# Run once by the postgres image, when its volume is empty: one database and one role per service.
set -eu
for name in identity candidates voters results reporting; do
	eval "password=\$HP_PASSWORD_$(echo "$name" | tr '[:lower:]' '[:upper:]')"
	psql -v ON_ERROR_STOP=1 --username postgres <<-SQL
		CREATE ROLE $name LOGIN PASSWORD '$password';
		CREATE DATABASE $name OWNER $name;
		REVOKE ALL ON DATABASE $name FROM PUBLIC;
	SQL
done
