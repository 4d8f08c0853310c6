#!/bin/sh
# Brings Mosquitto, the MQTT broker that the tests of streams talk to, where it is missing and can be had. Tests start it themselves.
set -u
PATH="$PATH:/usr/sbin:/usr/local/sbin"
if command -v mosquitto >/dev/null 2>&1 && command -v mosquitto_passwd >/dev/null 2>&1 && command -v openssl >/dev/null 2>&1; then
    exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Mosquitto is missing, and so is apt-get: the tests that need an MQTT broker are skipped."
elif [ "$(id -u)" != 0 ]; then
    echo "Mosquitto is missing: the tests that need an MQTT broker are skipped. To bring it: sudo apt-get install -y mosquitto openssl"
else
    echo "Installing Mosquitto with apt-get"
    # A policy that forbids services to start keeps Debian from running a broker of its own.
    policy=/usr/sbin/policy-rc.d
    [ -e "$policy" ] || { printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && trap 'rm -f "$policy"' EXIT; }
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        mosquitto openssl; } >/dev/null 2>&1; then
        echo "apt-get could not install Mosquitto: the tests that need an MQTT broker are skipped."
    fi
fi
