#ifndef CSCAN_H
#define CSCAN_H

// Searches over bytes, sixteen at a time: what Swift's SIMD types do not compile to (docs/decisions/0016).
//
// The vector type is the compiler's own, so that the same lines become SSE2 on x86-64 and NEON on arm64. Every function
// returns an offset in start...end and reads nothing outside start..<end.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t bmh_bytes16 __attribute__((vector_size(16)));
typedef uint64_t bmh_words2 __attribute__((vector_size(16)));

// The sixteen bytes at a place that need not be aligned.
static inline bmh_bytes16 bmh_load16(const uint8_t *place) {
    bmh_bytes16 bytes;
    memcpy(&bytes, place, sizeof bytes);
    return bytes;
}

// The number of the first byte of a comparison's result that is set; 16 if none is.
static inline size_t bmh_first_set(bmh_bytes16 hits) {
#if defined(__SSE2__)
    unsigned mask = (unsigned)__builtin_ia32_pmovmskb128((__attribute__((vector_size(16))) char)hits);
    return mask ? (size_t)__builtin_ctz(mask) : 16;
#else
    bmh_words2 words = (bmh_words2)hits;
    if (words[0]) return (size_t)__builtin_ctzll(words[0]) >> 3;
    if (words[1]) return 8 + ((size_t)__builtin_ctzll(words[1]) >> 3);
    return 16;
#endif
}

// A search for the bytes that pass a test, which is given twice: for one `byte` and for the vector `bytes`. The last
// step over sixteen bytes overlaps the one before it, so that only shorter views are searched byte by byte.
#define BMH_SEARCH(is_hit, is_vector_hit)                                     \
    size_t index = start;                                                     \
    if (end - start >= 16) {                                                  \
        do {                                                                  \
            bmh_bytes16 bytes = bmh_load16(base + index);                     \
            size_t first = bmh_first_set((bmh_bytes16)(is_vector_hit));       \
            if (first < 16) return index + first;                             \
            index += 16;                                                      \
        } while (end - index >= 16);                                          \
        if (index == end) return end;                                         \
        index = end - 16;                                                     \
        bmh_bytes16 bytes = bmh_load16(base + index);                         \
        return index + bmh_first_set((bmh_bytes16)(is_vector_hit));           \
    }                                                                         \
    for (; index < end; index += 1) {                                         \
        uint8_t byte = base[index];                                           \
        if (is_hit) break;                                                    \
    }                                                                         \
    return index;

// The first byte below 0x20 that is no tab, or 0x7F.
static inline size_t bmh_first_control(const uint8_t *base, size_t start, size_t end) {
    BMH_SEARCH((byte < 0x20 && byte != 0x09) || byte == 0x7F,
             ((bytes < 0x20) & (bytes != 0x09)) | (bytes == 0x7F))
}

// The first byte that JSON strings cannot hold as it is, or that is not ASCII.
static inline size_t bmh_first_to_escape(const uint8_t *base, size_t start, size_t end) {
    BMH_SEARCH(byte < 0x20 || byte >= 0x7F || byte == 0x22 || byte == 0x5C,
             (bytes < 0x20) | (bytes >= 0x7F) | (bytes == 0x22) | (bytes == 0x5C))
}

// The first byte of this value.
static inline size_t bmh_first_equal(const uint8_t *base, size_t start, size_t end, uint8_t wanted) {
    BMH_SEARCH(byte == wanted, bytes == wanted)
}

#undef BMH_SEARCH

// Whether the wanted bytes stand somewhere in the others.
bool bmh_contains(const uint8_t *base, size_t count, const uint8_t *wanted, size_t wanted_count);

#endif
