#!/bin/sh
# Prints a Python that can make Sundog's environment; else prints the apt line that brings what is missing, and exits 2.
# Usage: tools/find_python.sh [PYTHON]
set -u
wanted=${1:-}

can_run() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

python=
for candidate in ${wanted:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$candidate" >/dev/null 2>&1 && can_run "$candidate"; then
        python=$candidate
        break
    fi
done

if [ -z "$python" ] && [ -n "$wanted" ]; then
    echo "PYTHON=$wanted is not a Python 3.11 or later." >&2
    exit 2
fi

# A distribution whose python3 is older may carry 3.11 beside it.
name=python3
if [ -z "$python" ]; then
    offered=$(apt-cache policy python3 2>/dev/null | sed -n 's/^ *Candidate: *\([0-9]*\.[0-9]*\).*/\1/p')
    case "${offered:-3.11}" in
    3.[0-9] | 3.10) name=python3.11 ;;
    esac
fi

missing=
if [ -z "$python" ]; then
    missing="$name $name-venv"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing=python3-venv
    # An interpreter that is not the distribution's own python3 needs the package of its own version.
    [ "$python" = python3 ] || missing=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
fi

# LightGBM's wheel links to the OpenMP run-time library of GCC.
has_libgomp() {
    if [ "$(uname -s)" != Linux ]; then
        return 0
    elif [ -n "$python" ]; then
        "$python" -c 'import ctypes; ctypes.CDLL("libgomp.so.1")' 2>/dev/null
    else
        PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1'
    fi
}
has_libgomp || missing="$missing libgomp1"

if [ -n "$missing" ]; then
    missing=$(echo $missing)
    sudo=
    [ "$(id -u)" = 0 ] || sudo='sudo '
    # A bare image has no package lists yet.
    update=
    ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || update="${sudo}apt-get update && "
    {
        echo "Sundog needs packages that this machine lacks: $missing. On Debian and Ubuntu:"
        echo
        echo "    ${update}${sudo}apt-get install -y $missing"
        echo
    } >&2
    exit 2
fi
echo "$python"
