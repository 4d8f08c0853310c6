#!/bin/sh
# Brings Debian's PostgreSQL and the shell of SQLite, into which tests export tables, where they are missing and can be had.
set -u
[ -n "$(command -v initdb; ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] &&
    command -v psql >/dev/null 2>&1 && command -v sqlite3 >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "PostgreSQL or sqlite3 is missing, and so is apt-get: the tests that need a database are skipped."
elif [ "$(id -u)" != 0 ]; then
    echo "PostgreSQL or sqlite3 is missing: the tests that need a database are skipped. To bring it: sudo apt-get install -y postgresql sqlite3"
else
    echo "Installing PostgreSQL and sqlite3 with apt-get"
    # The tests bring up servers of their own: Debian need not make and start one.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/no-server.conf
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        postgresql sqlite3; } >/dev/null; then
        echo "apt-get could not install PostgreSQL: the tests that need a database are skipped."
    fi
fi
