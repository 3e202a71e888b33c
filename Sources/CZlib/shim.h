#include <zlib.h>

/* A macro in zlib.h, which Swift cannot see. */
static inline int czlib_inflate_init(z_stream *stream, int window_bits) {
    return inflateInit2(stream, window_bits);
}
