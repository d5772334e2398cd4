#!/bin/sh
# Install Watchword and its service on a 64-bit Debian or Raspberry Pi OS, from this tree or from a wheel.
#
# Usage (as root):  deploy/install.sh [WHEEL]         again to update; the settings in /etc/watchword.conf stay
# To remove it:     systemctl disable --now watchword; rm -r /opt/watchword /etc/systemd/system/watchword.service
#
# DESTDIR=/some/folder puts everything below that folder and starts nothing, to look at it first.
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
root=${DESTDIR:-}
prefix=$root/opt/watchword
unit=$root/etc/systemd/system/watchword.service
settings=$root/etc/watchword.conf
python=${PYTHON:-python3}

main() {
    [ -n "$root" ] || [ "$(id -u)" = 0 ] || fail "it writes to /opt and /etc; run it with sudo"
    case $(uname -m) in
    x86_64 | aarch64) ;;
    *) fail "$(uname -m) has no wheels of ONNX Runtime; a 64-bit system is needed (uname -m: aarch64 or x86_64)" ;;
    esac
    "$python" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' ||
        fail "Python 3.11 or newer with venv is needed; apt-get install python3-venv"
    if [ -z "$root" ] && ! ldconfig -p | grep -q libportaudio; then
        apt-get install --yes --no-install-recommends libportaudio2
    fi
    "$python" -m venv "$prefix"
    "$prefix/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade "${1:-$source}[mic]"
    install -D -m 644 "$source/deploy/watchword.service" "$unit"
    if [ ! -e "$settings" ]; then
        mkdir -p "$(dirname "$settings")"
        printf '# Options of watchword listen, see: /opt/watchword/bin/watchword listen --help\nWATCHWORD_OPTIONS=\n' \
            >"$settings"
    fi
    if [ -n "$root" ]; then
        echo "installed below $root; nothing was started"
        return
    fi
    systemctl daemon-reload
    systemctl enable watchword
    systemctl restart watchword
    echo "listening; events: journalctl --unit watchword --follow --output cat"
}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

main "$@"
