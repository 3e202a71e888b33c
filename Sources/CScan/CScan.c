#define _GNU_SOURCE
#include <string.h>

#include "CScan.h"

bool bmh_contains(const uint8_t *base, size_t count, const uint8_t *wanted, size_t wanted_count) {
    return memmem(base, count, wanted, wanted_count) != NULL;
}
