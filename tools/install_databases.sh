#!/bin/sh
# Brings the databases into which tests export tables, where they are missing and can be had: Debian's PostgreSQL, MariaDB and the
# shell of SQLite. The tests start them themselves.
set -u
PATH=$PATH:/usr/sbin
[ -n "$(command -v initdb; ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || missing=postgresql
command -v psql >/dev/null 2>&1 || missing=postgresql
command -v sqlite3 >/dev/null 2>&1 || missing="${missing:-} sqlite3"
command -v mariadbd >/dev/null 2>&1 || missing="${missing:-} mariadb-server-core"
command -v mariadb >/dev/null 2>&1 || missing="${missing:-} mariadb-client-core"
[ -n "${missing:-}" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Databases are missing ($missing), and so is apt-get: the tests that need them are skipped."
elif [ "$(id -u)" != 0 ]; then
    echo "Databases are missing: the tests that need them are skipped. To bring them: sudo apt-get install -y $missing"
else
    echo "Installing with apt-get: $missing"
    # Debian need not make and start a server of its own.
    mkdir -p /etc/postgresql-common/createcluster.d
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.d/no-server.conf
    # shellcheck disable=SC2086 # several names
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        $missing; } >/dev/null; then
        echo "apt-get could not install $missing: the tests that need them are skipped."
    fi
fi
