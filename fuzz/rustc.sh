#!/bin/sh
# Cargo calls this in the place of rustc, for the workspace's own crates: they are compiled so that libFuzzer sees which
# code an input reaches, and with their `fuzzing` modules. Dependencies stay as they are in every other build.
for argument do
    # What runs while others are built isn't fuzzed.
    case $argument in build_script_* | proc-macro) exec "$@" ;; esac
done
exec "$@" --cfg fuzzing -Copt-level=1 \
    -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0 \
    -Cllvm-args=-max-loads-per-memcmp=0
