#!/bin/sh
# Brings poppler-utils, with which a test reads the printed privacy report a second time, where it is missing and can be had.
set -u
command -v pdftotext >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
    echo "poppler-utils is missing, and so is apt-get: the test that reads a PDF with it is skipped."
elif [ "$(id -u)" != 0 ]; then
    echo "poppler-utils is missing: the test that reads a PDF with it is skipped. To bring it: sudo apt-get install -y poppler-utils"
elif ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends poppler-utils; } >/dev/null; then
    echo "apt-get could not install poppler-utils: the test that reads a PDF with it is skipped."
fi
