#ifndef BMH_COPENSSL_SHIM_H
#define BMH_COPENSSL_SHIM_H

// OpenSSL's macros do not cross into Swift: each one in use stands here as a function of its name.
#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <openssl/pem.h>

static inline int bmh_openssl_ctx_set_min_version(SSL_CTX *ctx, int version) {
    return SSL_CTX_set_min_proto_version(ctx, version) == 1;
}

static inline void bmh_openssl_ctx_set_options(SSL_CTX *ctx, int tickets) {
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE
                                 | SSL_OP_PRIORITIZE_CHACHA | (tickets ? 0 : SSL_OP_NO_TICKET));
    SSL_CTX_set_read_ahead(ctx, 1);
    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static inline void bmh_openssl_ctx_set_session_cache_off(SSL_CTX *ctx) {
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
}

static inline int bmh_openssl_ctx_set_groups(SSL_CTX *ctx, const char *groups) {
    return SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

static inline void bmh_openssl_ctx_set_servername_callback(SSL_CTX *ctx, int (*callback)(SSL *, int *, void *),
                                                           void *argument) {
    SSL_CTX_set_tlsext_servername_callback(ctx, callback);
    SSL_CTX_set_tlsext_servername_arg(ctx, argument);
}

static inline int bmh_openssl_set_host_name(SSL *ssl, const char *name) {
    return SSL_set_tlsext_host_name(ssl, name) == 1;
}

static inline int bmh_openssl_ctx_set_ticket_keys(SSL_CTX *ctx, unsigned char *keys, long length) {
    return SSL_CTX_set_tlsext_ticket_keys(ctx, keys, length) == 1;
}

static inline void bmh_openssl_bio_retry_read(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
}

static inline void bmh_openssl_bio_retry_write(BIO *bio) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_write(bio);
}

static inline void bmh_openssl_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }

static inline EVP_PKEY *bmh_openssl_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

static inline EVP_PKEY *bmh_openssl_generate_p256(void) { return EVP_EC_gen("P-256"); }

static inline void *bmh_openssl_memory_bio_contents(BIO *bio, long *length) {
    char *contents = NULL;
    *length = BIO_get_mem_data(bio, &contents);
    return contents;
}

static inline int bmh_openssl_general_name_count(void *names) { return sk_GENERAL_NAME_num((GENERAL_NAMES *)names); }

// The bytes of the name at `index` if it is a DNS name, which live as long as `names`; NULL otherwise.
static inline const unsigned char *bmh_openssl_general_name_dns(void *names, int index, int *length) {
    GENERAL_NAME *name = sk_GENERAL_NAME_value((GENERAL_NAMES *)names, index);
    if (name == NULL || name->type != GEN_DNS) return NULL;
    *length = ASN1_STRING_length(name->d.dNSName);
    return ASN1_STRING_get0_data(name->d.dNSName);
}

static inline void bmh_openssl_free_general_names(void *names) { GENERAL_NAMES_free((GENERAL_NAMES *)names); }

#endif
