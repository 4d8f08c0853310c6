#!/bin/sh
# Brings strace, with which a test watches every file that a run opens, where it is missing and can be had.
set -u
command -v strace >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "strace is missing, and so is apt-get: the tests that watch system calls are skipped."
elif [ "$(id -u)" != 0 ]; then
    echo "strace is missing: the tests that watch system calls are skipped. To bring it: sudo apt-get install -y strace"
elif ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends strace; } >/dev/null; then
    echo "apt-get could not install strace: the tests that watch system calls are skipped."
fi
