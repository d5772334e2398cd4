#!/bin/sh
# Build the container image of this tree and try it, on a Debian machine without Docker and without a registry:
# a wheelhouse from pip, a base from debootstrap, the Dockerfile through buildah, then real requests.
#
# Usage (as root):  deploy/build-without-docker.sh [IMAGE.tar]     writes the image for `docker load`, if asked to
# Needs:            apt-get install --no-install-recommends buildah crun debootstrap; a Python with pip
#
# Packages come from where this machine's own apt and pip are told to find them. Everything is kept in
# ${XDG_CACHE_HOME:-~/.cache}/watchword/container; delete that folder to start afresh.
set -eu

suite=bookworm # the Dockerfile's base, and its Python
python_version=3.11
base=localhost/debian:$suite
image=localhost/watchword:latest

source=$(cd "$(dirname "$0")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/watchword/container
python=${PYTHON:-python3}

main() {
    [ "$(id -u)" = 0 ] || fail "debootstrap and chroot isolation need root; run it with sudo"
    for tool in buildah crun debootstrap "$python"; do
        command -v "$tool" >/dev/null || fail "$tool is missing; apt-get install --no-install-recommends $tool"
    done
    prepare_buildah
    step "context" make_context
    step "base" make_base
    step "image" make_image
    step "trial" try_image
    buildah images --format 'size: {{.Size}}' "$image"
    if [ $# -gt 0 ]; then
        rm -f "$1" # an archive is not written over
        buildah push --quiet "$image" "docker-archive:$1:$image"
    fi
}

# vfs and chroot work everywhere, also inside another container.
prepare_buildah() {
    mkdir -p "$cache"
    printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$cache/store" "$cache/run" \
        >"$cache/storage.conf"
    export CONTAINERS_STORAGE_CONF="$cache/storage.conf" BUILDAH_ISOLATION=chroot
}

# What .dockerignore lets through, and a wheel of every package for the base's Python; the tree stays as it is.
make_context() {
    context=$cache/context
    rm -rf "$context"
    mkdir -p "$context/models" "$context/wheelhouse"
    for name in Dockerfile .dockerignore LICENSE README.md pyproject.toml runtime training; do
        cp -R "$source/$name" "$context"
    done
    cp -R "$source/models/activate" "$context/models"
    "$python" -m pip wheel --quiet --no-deps --wheel-dir "$context/wheelhouse" "$context"
    wheel=$(echo "$context"/wheelhouse/watchword-*.whl)
    "$python" -m pip download --quiet --only-binary=:all: --python-version "$python_version" \
        --dest "$context/wheelhouse" "${wheel}[serve]"
}

# A minimal Debian with this machine's mirrors; made once.
make_base() {
    if buildah inspect --type image "$base" >/dev/null 2>&1; then
        return
    fi
    tree=$cache/base
    rm -rf "$tree"
    mirror=$(archives '$(REPO_URI)' "$suite" | head -n 1)
    [ -n "$mirror" ] || fail "apt reads no archive of Debian $suite; add one to its sources, then apt-get update"
    debootstrap --variant=minbase "$suite" "$tree" "$mirror" >"$cache/debootstrap.log"
    for name in "$suite" "$suite-updates" "$suite-security"; do
        archives 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' "$name"
    done >"$tree/etc/apt/sources.list"
    rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/*
    container=$(buildah from scratch)
    buildah add --quiet "$container" "$tree" / >/dev/null
    buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah commit --quiet --rm "$container" "$base" >/dev/null
    rm -rf "$tree"
}

# The archives of release $2 that apt reads, each printed as $1.
archives() {
    apt-get indextargets --format "$1" 'Identifier: Packages' "Release: $2" 'Component: main'
}

# docker: the OCI format has no HEALTHCHECK
make_image() {
    buildah bud --quiet --format docker --pull-never --build-arg "BASE=$base" --tag "$image" "$cache/context" >/dev/null
    buildah rmi --prune >/dev/null # the images that this one replaces
}

# The trial runs inside the image, with its user and its Python: the service must be healthy by the image's own
# check, hear an example as the command line does, and stop with code 0.
try_image() {
    container=$(buildah from --pull-never "$image")
    trap 'buildah rm "$container" >/dev/null' EXIT
    check=$(buildah inspect --type image "$image" | "$python" -c "
import json, sys
json.dump(json.load(sys.stdin)['Docker']['config']['Healthcheck']['Test'], sys.stdout)")
    buildah run --env "HEALTH=$check" --volume "$source/examples:/examples:ro" "$container" -- python - \
        <"$source/deploy/try_image.py"
}

step() {
    began=$(date +%s)
    "$2"
    echo "$1: $(($(date +%s) - began)) s"
}

fail() {
    echo "build-without-docker: $1" >&2
    exit 1
}

main "$@"
