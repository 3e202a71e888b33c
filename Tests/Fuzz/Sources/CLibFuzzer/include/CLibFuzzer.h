#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own entry point, which calls `run` with each input; returns the exit code of the process.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *data, size_t size));
