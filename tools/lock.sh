#!/bin/sh
# Remakes the locks in requirements/. Takes further options of `uv pip compile`, such as --upgrade.
set -eu
cd "$(dirname "$0")/.."
uv=.venvs/lock/bin/uv
if [ ! -x "$uv" ]; then
    python3 -m venv .venvs/lock
    .venvs/lock/bin/python -m pip install --quiet uv==0.13.9
fi

# --no-config, and no find-links: a lock says nothing about the machine it was made on.
compile() {
    target=$1
    shift
    env -u PIP_FIND_LINKS -u UV_FIND_LINKS -u UV_EXTRA_INDEX_URL "$uv" --no-config --quiet pip compile \
        --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        --constraint requirements/bounds.in --output-file "$target" "$@"
}

compile requirements/core.txt pyproject.toml "$@"
compile requirements/build.txt requirements/build.in "$@"
# Every extra but `distill`: torch comes by itself (requirements/torch.in), since its CUDA packages take gigabytes.
extras=$(sed -n '/^\[project.optional-dependencies\]/,/^$/s/^\([a-z]*\) = .*/--extra \1/p' pyproject.toml | grep -v ' distill$')
# shellcheck disable=SC2086 # two words an extra
compile requirements/test.txt $extras --constraint requirements/core.txt --constraint requirements/build.txt \
    pyproject.toml requirements/build.in requirements/test.in "$@"
for source in requirements/validators/*.in; do
    compile "${source%.in}.txt" "$source" "$@"
done
