"""One database and one role per service; no role may connect to another's database."""

import psycopg
from psycopg import sql

from deploy.local.postgres import Cluster


def make_databases(cluster: Cluster, passwords: dict[str, str]) -> dict[str, str]:
    """Every service's database and role exist with these passwords; their URLs by service."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for service, password in passwords.items():
            names = {"name": sql.Identifier(service), "password": sql.Literal(password)}
            verb = "ALTER" if service in roles else "CREATE"
            connection.execute(sql.SQL(verb + " ROLE {name} LOGIN PASSWORD {password}").format(**names))
            if service not in databases:
                connection.execute(sql.SQL("CREATE DATABASE {name} OWNER {name}").format(**names))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
    return {service: cluster.url(service, service, password) for service, password in passwords.items()}
