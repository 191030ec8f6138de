#!/bin/sh
# Two implementations of the token format read each other: the vectors and the example of the
# specification with the one in Python, and what each has sealed just now with the other. Needs
# Python 3.11 with venv; everything else goes to target/.
#
#     run.sh [--workspace]     --workspace: select all packages, so that what a workspace build
#                              left is used
#     run.sh --mutants [...]   only show that the vectors notice an implementation with one rule
#                              left out; mutants.py says what else may be given
#
# DAMAGE_SEED changes which texts are damaged how.
set -eu
select=${1:---package=latchkey-token}
[ $# = 0 ] || shift
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
venv=$target/interop/venv

# A venv that was cut off, or made for other requirements, is made again.
if ! cmp -s tests/interop/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    if ! python3 -m venv "$venv" 2>"$target/interop-venv.log"; then
        if command -v apt-get >/dev/null; then
            echo "Installing python3-venv"
            sudo=
            [ "$(id -u)" = 0 ] || sudo=sudo
            $sudo apt-get update --quiet
            $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet python3-venv
            rm -rf "$venv"
            python3 -m venv "$venv"
        else
            cat "$target/interop-venv.log" >&2
            exit 1
        fi
    fi
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement tests/interop/requirements.txt
    cp tests/interop/requirements.txt "$venv/requirements.txt"
fi

# Without .pyc files beside the sources.
python() { PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 "$venv/bin/python" tests/interop/interop.py "$@"; }
# One of the two tests that a plain `cargo test` leaves out.
rust() {
    said=$(LATCHKEY_INTEROP=$2 "${CARGO:-cargo}" test --quiet "$select" --lib -- --ignored --exact \
        "vectors::interop::$1" 2>&1) || { echo "$said" >&2; exit 1; }
    case $said in
    *"1 passed"*) echo "Rust: $1" ;;
    *) echo "No test vectors::interop::$1" >&2; exit 1 ;;
    esac
}

if [ "$select" = --mutants ]; then
    PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 exec "$venv/bin/python" tests/interop/mutants.py "$@"
fi

python read testvectors
python strict testvectors
python example docs/token-format.md

fresh=$target/interop/fresh
rm -rf "$fresh"
mkdir -p "$fresh/rust" "$fresh/python" "$fresh/damaged"
rust write_fresh_tokens "$fresh/rust"
python read "$fresh/rust"
python write "$fresh/python"
rust read_fresh_tokens "$fresh/python"
python damage "$fresh/damaged" "${DAMAGE_SEED:-1}"
rust read_fresh_tokens "$fresh/damaged"

# The other Python of this project: the SDK's package is typed without gaps.
"$venv/bin/python" -m mypy --strict --no-error-summary --cache-dir "$target/interop/mypy" bindings/python/latchkey
