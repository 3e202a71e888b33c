#include <maxminddb.h>
#include <netinet/in.h>
#include <string.h>

/* Values stand in a union, and the library's errors in macros: neither does Swift see. */

/* The text at a path of an entry. Its bytes belong to the database and stay as long as it is open. */
static inline const char *cmaxminddb_text(MMDB_entry_s entry, const char *const *path, uint32_t *length) {
    MMDB_entry_data_s data;
    if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_UTF8_STRING)
        return NULL;
    *length = data.data_size;
    return data.utf8_string;
}

/* The number at a path of an entry; false if there is none. */
static inline bool cmaxminddb_number(MMDB_entry_s entry, const char *const *path, double *number) {
    MMDB_entry_data_s data;
    if (MMDB_aget_value(&entry, &data, path) != MMDB_SUCCESS || !data.has_data ||
        data.type != MMDB_DATA_TYPE_DOUBLE)
        return false;
    *number = data.double_value;
    return true;
}

/* The entry of an address in network order; false if the database says nothing about it. */
static inline bool cmaxminddb_find(const MMDB_s *database, const uint8_t *octets, bool is_ipv6, MMDB_entry_s *entry) {
    int error = MMDB_SUCCESS;
    MMDB_lookup_result_s result;
    if (is_ipv6) {
        struct sockaddr_in6 address = {.sin6_family = AF_INET6};
        memcpy(&address.sin6_addr, octets, 16);
        result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&address, &error);
    } else {
        struct sockaddr_in address = {.sin_family = AF_INET};
        memcpy(&address.sin_addr, octets, 4);
        result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&address, &error);
    }
    *entry = result.entry;
    return error == MMDB_SUCCESS && result.found_entry;
}

static inline bool cmaxminddb_open(const char *path, MMDB_s *database, const char **problem) {
    int status = MMDB_open(path, MMDB_MODE_MMAP, database);
    if (status != MMDB_SUCCESS) *problem = MMDB_strerror(status);
    return status == MMDB_SUCCESS;
}
