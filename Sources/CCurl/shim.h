#ifndef BMH_CCURL_SHIM_H
#define BMH_CCURL_SHIM_H

// libcurl's options are arguments of any type, which do not cross into Swift: each type in use has a function.
#include <curl/curl.h>

static inline CURLcode bmh_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode bmh_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode bmh_curl_set_size(CURL *handle, CURLoption option, long long value) {
    return curl_easy_setopt(handle, option, (curl_off_t)value);
}

static inline CURLcode bmh_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

typedef size_t (*bmh_curl_bytes)(char *bytes, size_t size, size_t count, void *context);

// `context` is handed to the function with each piece of what is received or asked for.
static inline CURLcode bmh_curl_on_receive(CURL *handle, bmh_curl_bytes function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, function);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

static inline CURLcode bmh_curl_on_send(CURL *handle, bmh_curl_bytes function, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, function);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_READDATA, context) : code;
}

static inline long bmh_curl_get_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static inline CURLcode bmh_curl_prepare(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

#endif
