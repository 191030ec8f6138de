#!/bin/sh
# Cargo calls this instead of rustc for the workspace's own crates. It compiles them with coverage
# instrumentation for libFuzzer and with their `fuzzing` modules. Dependencies are those of every
# other build.
for argument do
    # Programs that run during the build aren't fuzzed.
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
