#!/bin/sh
# Brings Debian's Chromium, which the tests of the report and the pages drive, where it is missing and can be had.
set -u
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if ! command -v apt-get >/dev/null 2>&1; then
    echo "Chromium is missing, and so is apt-get: the tests that need a browser are skipped."
elif [ "$(id -u)" != 0 ]; then
    echo "Chromium is missing: the tests that need a browser are skipped. To bring it: sudo apt-get install -y chromium"
else
    echo "Installing Chromium with apt-get"
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        chromium fonts-dejavu-core; } >/dev/null; then
        echo "apt-get could not install Chromium: the tests that need a browser are skipped."
    fi
fi
